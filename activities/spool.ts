/** Queue of metrics on disk during an outage of the database: private to the process, and deleted with it. */
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { metricRowSchema } from '../experiment/records/record-schemas.js';
import type { MetricRow } from '../experiment/records/records.js';

export interface Spool {
  /** False when the disk or the share of this worker is full: nothing of the rows is kept then. */
  append(rows: readonly MetricRow[]): boolean;
  /** The oldest rows that are not removed yet. */
  first(): readonly MetricRow[];
  removeFirst(): void;
  readonly size: () => number;
  close(): void;
}

/** Limit on the bytes of all spools of one worker. */
export interface SpoolBudget {
  readonly folder: string;
  readonly maxBytes: number;
  readonly used: () => number;
  take(bytes: number): boolean;
  give(bytes: number): void;
}

export function createSpoolBudget(folder: string, maxBytes: number): SpoolBudget {
  let used = 0;
  return {
    ...{ folder, maxBytes },
    used: () => used,
    take(bytes) {
      if (used + bytes > maxBytes) return false;
      used += bytes;
      return true;
    },
    give: (bytes) => void (used -= bytes),
  };
}

/** Where one line lies in the file. */
interface Line {
  readonly offset: number;
  readonly bytes: number;
}

/**
 * Null when the disk is full. One line for each `append`: its checksum and its rows. The file has no name once it is open, so that a killed worker
 * leaves none behind: the points of an attempt that died are computed again, to the same bits, by the next.
 */
export function openSpool(budget: SpoolBudget, name: string): Spool | null {
  const opened = openNameless(budget.folder, name);
  if (opened === null) return null;
  const file = opened;
  const lines: Line[] = [];
  let [next, end, closed] = [0, 0, false];

  function empty(): void {
    ftruncateSync(file, 0);
    budget.give(end);
    lines.length = 0;
    [next, end] = [0, 0];
  }
  return {
    append(rows) {
      const line = encode(rows);
      if (closed || !budget.take(line.byteLength)) return false;
      if (!writeWhole(file, line, end)) {
        budget.give(line.byteLength);
        return false;
      }
      lines.push({ offset: end, bytes: line.byteLength });
      end += line.byteLength;
      return true;
    },
    first() {
      const line = lines[next];
      if (line === undefined || closed) return [];
      const bytes = Buffer.alloc(line.bytes);
      readSync(file, bytes, 0, line.bytes, line.offset);
      return decode(bytes.toString('utf8'));
    },
    removeFirst() {
      next++;
      if (next >= lines.length && !closed) empty();
    },
    size: () => lines.length - next,
    close() {
      if (closed) return;
      closed = true;
      budget.give(end);
      closeSync(file);
    },
  };
}

function openNameless(folder: string, name: string): number | null {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, name);
    const file = openSync(path, 'w+', 0o600);
    rmSync(path);
    return file;
  } catch (error) {
    if (isFull(error)) return null;
    throw error;
  }
}

/** False when the disk is full; half a line beyond the end is written over by the next. */
function writeWhole(file: number, line: Buffer, position: number): boolean {
  try {
    let written = 0;
    while (written < line.byteLength) {
      written += writeSync(file, line, written, line.byteLength - written, position + written);
    }
    return true;
  } catch (error) {
    if (isFull(error)) return false;
    throw error;
  }
}

/** No space, over the quota, or beyond the largest file that this process may write. */
function isFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code !== undefined && ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(code);
}

/** JSON has no NaN and no infinities: values travel as text. */
const lineSchema = z.array(
  z.looseObject({ value: z.string().transform(Number) }).pipe(metricRowSchema),
);

function encode(rows: readonly MetricRow[]): Buffer {
  const body = JSON.stringify(rows.map((row) => ({ ...row, value: String(row.value) })));
  return Buffer.from(`${checksum(body)} ${body}\n`);
}

function decode(line: string): readonly MetricRow[] {
  const body = line.slice(9, -1);
  if (line.slice(0, 8) !== checksum(body)) {
    throw new Error('the metrics on disk are not those that were written: the disk is faulty');
  }
  return lineSchema.parse(JSON.parse(body));
}

function checksum(body: string): string {
  return crc32(body).toString(16).padStart(8, '0');
}
