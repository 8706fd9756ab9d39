/** Classifies the exit of an engine process: out of memory where that is detectable, else a crash. */
import type { RunFailure } from '../experiment/records/records.js';

export interface EngineExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Largest resident size seen; 0 when none was. */
  readonly peakRssBytes: number;
  /** Memory limit of the process and its siblings. */
  readonly memoryBytes: number;
  /** The newest lines it printed. */
  readonly tail: readonly string[];
}

/** A process above this share of the memory that is killed from outside was killed for it. */
const suspiciousShare = 0.4;
const memoryComplaint = /heap out of memory|bad_alloc|OOM when allocating|Cannot allocate memory/;
const diskComplaint = /ENOSPC|No space left on device|Disk quota exceeded/;

export function failureOfExit(exit: EngineExit): RunFailure {
  const seen = exit.peakRssBytes > 0 ? `, last seen at ${megabytes(exit.peakRssBytes)} MB` : '';
  const complaint = exit.tail.findLast((line) => memoryComplaint.test(line));
  const said = complaint ?? exit.tail.at(-1);
  const message = `the engine ${ending(exit)}${seen}${said ? `; it said: ${said.trim().slice(0, 300)}` : ''}`;
  if (exit.tail.some((line) => diskComplaint.test(line))) return { type: 'disk-full', message };
  return { type: ranOutOfMemory(exit, complaint) ? 'out-of-memory' : 'crashed', message };
}

function ending({ code, signal }: EngineExit): string {
  return signal ? `was killed by ${signal}` : `exited with code ${code}`;
}

function ranOutOfMemory(exit: EngineExit, complaint: string | undefined): boolean {
  if (complaint !== undefined) return true;
  const killed = exit.signal === 'SIGKILL' || exit.code === 137;
  return killed && exit.peakRssBytes > suspiciousShare * exit.memoryBytes;
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
