/** Keeps a sweep of the bucket and a commit of references apart: a blob is either found by the commit or seen by the sweep. */
import { UserError } from '../../experiment/errors.js';
import type { ArtifactRef } from '../../experiment/records.js';
import type { Database, Transaction } from './database.js';
import { referencedAmong } from './references.js';

/** Names the lock in the database; any other number would do. */
const sweepLock = 7_346_223_501;

/** Whether a blob is in the bucket with the size that its reference says. */
export type IsStored = (ref: ArtifactRef) => Promise<boolean>;

/**
 * Until the transaction ends no sweep deletes anything, so that what is found here is there when the row that names it
 * is. A blob that is gone already fails the attempt, and the next one stores it again.
 */
export async function assertStored(
  tx: Transaction,
  refs: readonly ArtifactRef[],
  isStored: IsStored,
): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock_shared(${sweepLock}::bigint)`;
  for (const ref of refs) {
    if (await isStored(ref)) continue;
    throw new UserError('failed', `blob ${ref.digest} is not in the object store any more`, {
      hint: 'the run is computed again',
    });
  }
}

const longestSweepMs = 120_000;

/** Calls back with those digests that no row names; until it returns, no commit can name them. */
export async function sweepUnreferenced<T>(
  db: Database,
  digests: readonly string[],
  sweep: (unreferenced: readonly string[]) => Promise<T>,
): Promise<T> {
  const work = async (tx: Transaction): Promise<T> => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(${sweepLock}::bigint)`;
    const kept = await referencedAmong(tx, digests);
    return sweep(digests.filter((digest) => !kept.has(digest)));
  };
  return db.$transaction(work, { timeout: longestSweepMs });
}
