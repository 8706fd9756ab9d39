/**
 * Keeps a sweep of the bucket and a commit of references apart, though neither asks the bucket while it holds a lock. A
 * sweep marks what it is about to delete; a commit looks the blobs up, and then, under the lock, only whether one was
 * marked since. Both locks are on the table of the marks: whoever may only read can take neither.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../experiment/errors.js';
import type { ArtifactRef } from '../../experiment/records/records.js';
import type { Database, Transaction } from './queries.js';
import { referencedAmong } from './references.js';

/** Whether a blob is in the bucket with the size that its reference says. */
export type IsStored = (ref: ArtifactRef) => Promise<boolean>;

/** The longest that a sweep deletes what it has marked. */
const sweepMs = 120_000;
/** A mark that nobody closed counts as closed after this time: a request that was sent in time has ended by then. */
const openMs = 180_000;
const pollMs = 200;

interface Marks {
  /** Seconds, by the database's clock. */
  readonly at: number;
  /** Which sweep marked each of the blobs last, as text. */
  readonly marks: string;
  /** A sweep may be deleting one of them now. */
  readonly open: boolean;
}

/** Marks are kept for a day: one that came and went since an older look would be missed. */
const longestLookSeconds = 3600;

/**
 * The rows that `commit` writes name blobs that are there, and no sweep deletes them afterwards. A blob that is gone
 * fails the attempt, and the next one stores it again.
 */
export async function commitStored(
  db: Database,
  refs: readonly ArtifactRef[],
  isStored: IsStored,
  commit: (tx: Transaction) => Promise<void>,
): Promise<void> {
  const digests = refs.map(({ digest }) => digest);
  for (let committed = false; !committed;) {
    const before = await closedMarks(db, digests);
    await Promise.all(refs.map((ref) => assertStored(ref, isStored)));
    committed = await db.$transaction(async (tx) => {
      await tx.$executeRaw`LOCK TABLE swept IN ROW EXCLUSIVE MODE`;
      const now = await readMarks(tx, digests);
      const old = now.at - before.at > longestLookSeconds;
      if (old || now.marks !== before.marks) return false;
      await commit(tx);
      return true;
    });
  }
}

async function assertStored(ref: ArtifactRef, isStored: IsStored): Promise<void> {
  if (await isStored(ref)) return;
  throw new UserError('failed', `blob ${ref.digest} is not in the object store any more`, {
    hint: 'the run is computed again',
  });
}

/** Waits while a sweep is at one of the blobs. */
async function closedMarks(db: Database, digests: readonly string[]): Promise<Marks> {
  for (;;) {
    const marks = await readMarks(db, digests);
    if (!marks.open) return marks;
    await sleep(pollMs);
  }
}

async function readMarks(db: Database | Transaction, digests: readonly string[]): Promise<Marks> {
  const [marks] = await db.$queryRaw<Marks[]>`
    SELECT extract(epoch FROM clock_timestamp())::float8 AS at,
      coalesce(string_agg(blob || ' ' || sweep, ',' ORDER BY blob), '') AS marks,
      coalesce(bool_or(open_until > clock_timestamp()), false) AS open
    FROM swept WHERE blob = ANY(${[...digests]}::text[])`;
  return marks!;
}

/** Those digests that no row names. */
export async function unreferencedAmong(
  db: Database | Transaction,
  digests: readonly string[],
): Promise<readonly string[]> {
  const kept = await referencedAmong(db, digests);
  return digests.filter((digest) => !kept.has(digest));
}

/**
 * Calls back with those digests that no row names and no other sweep is at; until it returns, or the signal it gets has
 * been aborted for a while, no commit can name them.
 */
export async function sweepUnreferenced<T>(
  db: Database,
  digests: readonly string[],
  sweep: (marked: readonly string[], signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const [id, signal] = [randomUUID(), AbortSignal.timeout(sweepMs)];
  const marked = await db.$transaction(async (tx) => {
    await tx.$executeRaw`LOCK TABLE swept IN SHARE ROW EXCLUSIVE MODE`;
    return mark(tx, id, await unreferencedAmong(tx, digests));
  });
  // Should it fail, a request may be under way still: the marks stay open for their time.
  const result = await sweep(marked, signal);
  await db.$executeRaw`UPDATE swept SET open_until = NULL WHERE sweep = ${id}::uuid`;
  return result;
}

async function mark(
  tx: Transaction,
  sweep: string,
  digests: readonly string[],
): Promise<readonly string[]> {
  await tx.$executeRaw`
    DELETE FROM swept
    WHERE swept_at < now() - interval '1 day' AND (open_until IS NULL OR open_until <= clock_timestamp())`;
  const marked = await tx.$queryRaw<{ blob: string }[]>`
    INSERT INTO swept (blob, sweep, open_until)
    SELECT blob, ${sweep}::uuid, clock_timestamp() + ${openMs}::integer * interval '1 millisecond'
    FROM unnest(${[...digests]}::text[]) AS given (blob)
    ON CONFLICT (blob) DO UPDATE
    SET sweep = excluded.sweep, open_until = excluded.open_until, swept_at = excluded.swept_at
    WHERE swept.open_until IS NULL OR swept.open_until <= clock_timestamp()
    RETURNING blob`;
  return marked.map(({ blob }) => blob);
}
