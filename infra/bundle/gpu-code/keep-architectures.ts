/** Chooses GPU code by architecture, and overwrites the rest with zeros: nothing moves, so the library stays valid. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { UserError } from '../../../experiment/errors.js';
import { withFile } from './byte-source.js';
import { readCodeEntries, type CodeEntry } from './fat-binaries.js';

/** Throws a `usage` UserError for an architecture that none of the libraries holds code of. */
export function refuseUnheld(wanted: readonly string[], libraries: readonly string[]): void {
  const held = new Set(libraries.flatMap((path) => withFile(path, heldArchitectures)));
  const missing = wanted.filter((architecture) => !held.has(architecture));
  if (missing.length === 0) return;
  const all = [...held].sort().join(', ');
  throw new UserError(
    'usage',
    `TensorFlow holds no code for ${missing.join(', ')}; it holds ${all}`,
  );
}

function heldArchitectures(source: Parameters<typeof readCodeEntries>[0]): readonly string[] {
  return readCodeEntries(source).map(({ architecture }) => architecture);
}

/** Changes the file in place: give it a copy. */
export function keepArchitectures(path: string, kept: readonly string[]): void {
  const entries = withFile(path, readCodeEntries);
  erase(
    path,
    entries.filter(({ architecture }) => !kept.includes(architecture)),
  );
}

const zeros = new Uint8Array(1 << 20);

function erase(path: string, entries: readonly CodeEntry[]): void {
  const file = openSync(path, 'r+');
  try {
    for (const { offset, size } of entries) {
      for (let done = 0; done < size;) {
        done += writeSync(file, zeros, 0, Math.min(zeros.length, size - done), offset + done);
      }
    }
  } finally {
    closeSync(file);
  }
}
