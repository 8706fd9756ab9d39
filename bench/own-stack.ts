/** A stack of the benchmark's own: a fresh home, free ports, taken down whatever happens. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { UserError } from '../experiment/errors.js';
import { repositoryRoot } from '../settings/paths.js';
import { benchDir } from './folders.js';

export interface OwnStack {
  readonly home: string;
  /** `./isthmus` with these arguments, to its end. */
  readonly isthmus: (...args: readonly string[]) => Promise<Ended>;
}

export interface Ended {
  readonly seconds: number;
  readonly output: string;
  /** Its stderr. */
  readonly messages: string;
}

/** `more`: settings beside home and ports. */
export async function withOwnStack<T>(
  more: NodeJS.ProcessEnv,
  use: (stack: OwnStack) => Promise<T>,
): Promise<T> {
  mkdirSync(benchDir, { recursive: true });
  // Of its own, because benchmarks may run side by side.
  const home = mkdtempSync(join(benchDir, 'home-'));
  const env = { ...ownEnvironment(), ISTHMUS_HOME: home, ...more };
  const isthmus: OwnStack['isthmus'] = (...args) =>
    timed([join(repositoryRoot, 'isthmus'), ...args], env);
  try {
    return await use({ home, isthmus });
  } finally {
    await isthmus('down');
    rmSync(home, { recursive: true, force: true });
  }
}

/** Any free ports, so that a stack that is up does not matter. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const ports = ['TEMPORAL', 'TEMPORAL_UI', 'POSTGRES', 'S3'];
  return {
    ...process.env,
    ...Object.fromEntries(ports.map((part) => [`ISTHMUS_${part}_PORT`, '0'])),
  };
}

/** Seconds and what a command wrote; throws with its last lines where it fails. */
export async function timed(
  [file, ...args]: readonly [string, ...string[]],
  env: NodeJS.ProcessEnv,
): Promise<Ended> {
  const begunMs = performance.now();
  const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [output, messages] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (messages += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) {
    const last = messages.trim().split('\n').slice(-3).join('; ');
    throw new UserError('failed', `${[file, ...args].join(' ')} ended with ${code}: ${last}`);
  }
  return { seconds: (performance.now() - begunMs) / 1000, output, messages };
}
