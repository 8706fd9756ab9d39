/**
 * Removes copies of checkpoints that this machine kept while the object store was away and that no attempt will go on
 * from: of runs that have failed for good, are done, or are in no database. A copy that is removed in spite of
 * all costs a retried run some steps, never a bit.
 */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunKey } from '../../experiment/records/runs.js';
import type { ResultsStore } from '../results/results-store.js';
import type { SweepOptions } from './garbage.js';

export interface LocalSweepOptions extends SweepOptions {
  /** By the clock of this machine, as the files' own times are. */
  readonly now: Date;
}

export interface LocalSweepReport {
  readonly kept: number;
  /** Deleted; in a dry run, what would be. */
  readonly deleted: number;
  readonly deletedBytes: number;
}

/** `<run>-<step>-…`, whole or a draft of an engine that was killed. */
const namePattern = /^([0-9a-f]{64})-.*\.safetensors(\.\d+\.part)?$/;

interface Copy {
  readonly path: string;
  readonly run: RunKey;
  readonly bytes: number;
  readonly writtenMs: number;
}

export async function sweepLocalCheckpoints(
  { folder, results }: { folder: string; results: Pick<ResultsStore, 'standingsOf'> },
  { graceMs, dryRun, now }: LocalSweepOptions,
): Promise<LocalSweepReport> {
  const copies = await copiesIn(folder);
  const states = await results.standingsOf([...new Set(copies.map(({ run }) => run))]);
  const needed = ({ run }: Copy): boolean => {
    const state = states.get(run)?.state;
    return state !== undefined && state !== 'failed' && state !== 'done';
  };
  const old = ({ writtenMs }: Copy): boolean => writtenMs <= now.getTime() - graceMs;
  const useless = copies.filter((copy) => old(copy) && !needed(copy));
  if (!dryRun) for (const { path } of useless) await rm(path, { force: true });
  const deletedBytes = useless.reduce((sum, { bytes }) => sum + bytes, 0);
  return { kept: copies.length - useless.length, deleted: useless.length, deletedBytes };
}

async function copiesIn(folder: string): Promise<readonly Copy[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const copies: Copy[] = [];
  for (const name of names) {
    const run = namePattern.exec(name)?.[1];
    const path = join(folder, name);
    // An engine may have removed it meanwhile.
    const found = run === undefined ? null : await stat(path).catch(() => null);
    if (found) copies.push({ path, run: run!, bytes: found.size, writtenMs: found.mtimeMs });
  }
  return copies;
}
