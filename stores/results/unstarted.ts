/** Marks runs that no attempt has started. */
import type { RunState } from '../../experiment/records/records.js';
import type { RunKey } from '../../experiment/records/runs.js';
import type { Database, Transaction } from './queries.js';

type Unstarted = Extract<RunState, 'blocked' | 'cancelled' | 'queued'>;

export async function markUnstarted(
  db: Database,
  keys: readonly RunKey[],
  state: Unstarted,
  reason: string | null,
): Promise<void> {
  await db.$transaction((tx) => markRows(tx, keys, state, reason));
}

/** Locks the rows by ascending key, so that two callers with common runs never wait for each other. */
export async function markRows(
  tx: Transaction,
  keys: readonly RunKey[],
  state: Unstarted,
  reason: string | null,
): Promise<void> {
  await tx.$executeRaw`
    WITH marked AS (
      UPDATE run
      SET state = ${state}::run_state, reason = ${reason}, failure_type = NULL, failure_message = NULL,
          finished_at = CASE WHEN ${state} = 'queued' THEN NULL ELSE now() END
      FROM (
        SELECT key FROM run
        WHERE key = ANY(${[...keys]}::text[]) AND state NOT IN ('running', 'done')
        ORDER BY key FOR NO KEY UPDATE
      ) AS unstarted
      WHERE run.key = unstarted.key
      RETURNING run.key
    )
    INSERT INTO event (run, type, data)
    SELECT key, 'run.unstarted', jsonb_build_object('state', ${state}::text, 'reason', ${reason}::text) FROM marked`;
}
