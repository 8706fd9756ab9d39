/** The file that tells the local stack that this worker polls its queues. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { readyPath } from '../settings/paths.js';

/** Renamed into place, so that a reader never sees half of it. */
export function writeReadyFile(home: string): void {
  const path = readyPath(home);
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify({ pid: process.pid }));
  renameSync(draft, path);
}

export function removeReadyFile(home: string): void {
  rmSync(readyPath(home), { force: true });
}
