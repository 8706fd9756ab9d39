/** Locates the repository root, from source and from compiled code, and names the generated folders. */
import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';

/** The only folder on the way up that holds the lockfile: compiled code lies two levels deeper than its source. */
function findRepositoryRoot(start: string): string {
  for (let folder = start; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'package-lock.json'))) return folder;
  }
  throw new Error(`no package-lock.json in ${start} or any folder above it`);
}

export const repositoryRoot: string = findRepositoryRoot(import.meta.dirname);

/** Everything generated lives below this folder. */
export const generatedDir: string = join(repositoryRoot, '.isthmus');

/** Unpacked executables and native libraries. */
export const toolsDir: string = join(generatedDir, 'tools');

/** A path from a variable is relative to the folder of the caller; an unset one falls back to the repository's own. */
export function resolveFrom(
  value: string | undefined,
  fallback: string,
  cwd = process.cwd(),
): string {
  if (value === undefined) return fallback;
  return isAbsolute(value) ? value : resolve(cwd, value);
}

/** Where engines keep encoded graphs: in the home, since the code may lie on a disk that cannot be written. */
export function graphCacheFolder(home: string): string {
  return join(home, 'graphs');
}

/** Where a worker keeps checkpoints that the object store has not taken, in the home of its stack. */
export function checkpointFolder(home: string): string {
  return join(home, 'checkpoints');
}

/** The worker writes this file when it polls and removes it when it ends. */
export function readyPath(home: string): string {
  return join(home, 'worker.ready.json');
}
