/** The rows that commit checkpoints, the newest two of each run that is not done; fenced like every write of an attempt. */
import type { CheckpointRef, Resumption } from '../../experiment/records/records.js';
import type { RunKey } from '../../experiment/records/runs.js';
import type { SavedCheckpoints } from './results-store.js';
import { stale, unregistered } from './attempts.js';
import type { Database, Transaction } from './queries.js';

/**
 * One statement; its shared lock on the run's row holds a newer attempt back. What an earlier attempt saved at later
 * steps was refused by the one that saves this, or it would have begun there; what this one saved there is newer.
 */
export async function commitCheckpoint(
  db: Database | Transaction,
  key: RunKey,
  epoch: number,
  { step, total, blob }: CheckpointRef,
): Promise<void> {
  const [answer] = await db.$queryRaw<{ newest: boolean }[]>`
    WITH fence AS (
      SELECT key, state FROM run WHERE key = ${key} AND epoch = ${epoch} FOR SHARE
    ), open AS (
      SELECT key FROM fence WHERE state <> 'done' AND NOT EXISTS (
        SELECT FROM checkpoint WHERE run = ${key} AND epoch = ${epoch} AND step > ${step}::float8)
    ), dropped AS (
      DELETE FROM checkpoint USING open
      WHERE run = open.key AND step <> ${step}::float8 AND step <> (
        SELECT coalesce(max(step), -1) FROM checkpoint WHERE run = ${key} AND step < ${step}::float8)
    ), written AS (
      INSERT INTO checkpoint (run, step, total, epoch, digest, bytes)
      SELECT key, ${step}::float8, ${total}::float8, ${epoch}::integer, ${blob.digest}, ${blob.bytes}::bigint FROM open
      ON CONFLICT (run, step) DO UPDATE
      SET total = excluded.total, epoch = excluded.epoch, digest = excluded.digest, bytes = excluded.bytes,
          created_at = now()
      WHERE (checkpoint.total, checkpoint.epoch, checkpoint.digest, checkpoint.bytes)
        IS DISTINCT FROM (excluded.total, excluded.epoch, excluded.digest, excluded.bytes)
    )
    SELECT EXISTS (SELECT FROM fence) AS newest`;
  if (answer?.newest) return;
  const run = await db.run.findUnique({ where: { key }, select: { epoch: true } });
  throw run === null ? unregistered(key) : stale(key, epoch, run.epoch);
}

export async function readCheckpoints(
  db: Database,
  key: RunKey,
  experiment: string | null,
): Promise<SavedCheckpoints> {
  const [found] = await db.$queryRaw<SavedCheckpoints[]>`
    SELECT
      (SELECT config #> '{execution,checkpoint}' FROM experiment WHERE id = ${experiment}) AS policy,
      coalesce((
        SELECT jsonb_agg(jsonb_build_object(
          'step', step, 'total', total, 'blob', jsonb_build_object('digest', digest, 'bytes', bytes)
        ) ORDER BY step DESC)
        FROM checkpoint WHERE run = ${key}), '[]') AS saved`;
  return found!;
}

/** One event for each attempt: where it went on, and what it could not use. */
export async function recordResumption(
  db: Database,
  key: RunKey,
  epoch: number,
  resumption: Resumption,
): Promise<void> {
  const data = JSON.stringify({ epoch, ...resumption });
  await db.$executeRaw`
    INSERT INTO event (run, type, data)
    SELECT ${key}, 'run.resumed', ${data}::jsonb FROM run
    WHERE key = ${key} AND epoch = ${epoch} AND NOT EXISTS (
      SELECT FROM event
      WHERE run = ${key} AND type = 'run.resumed' AND (data ->> 'epoch')::integer = ${epoch}::integer)`;
}
