/** Writes attempts at runs; a write of any but the newest attempt is refused by the run's own row. */
import { UserError } from '../../experiment/errors.js';
import type {
  Environment,
  Outputs,
  RunFailure,
  RunInput,
  RunState,
} from '../../experiment/records/records.js';
import type { RunKey } from '../../experiment/records/runs.js';
import { StaleAttemptError } from './results-store.js';
import type { Database, Transaction } from './queries.js';
import { recordEvents } from './events.js';

/** By the database's clock. False when the attempt is no longer the newest, or has ended. */
export async function renewLease(
  db: Database,
  key: RunKey,
  epoch: number,
  leaseMs: number,
): Promise<boolean> {
  const renewed = await db.$executeRaw`
    UPDATE run SET lease_until = now() + ${leaseMs}::integer * interval '1 millisecond'
    WHERE key = ${key} AND epoch = ${epoch} AND state = 'running'`;
  return renewed === 1;
}

export interface Result {
  readonly outputs: Outputs;
  readonly inputs: readonly RunInput[];
  readonly environment: Environment | null;
}

/**
 * One statement: outputs, lineage, state, and how the run ended for the experiment that asked for the attempt. Artifacts
 * go in by ascending digest, so that two commits with common ones never wait for each other.
 */
export async function completeRun(
  db: Database | Transaction,
  key: RunKey,
  epoch: number,
  result: Result,
): Promise<void> {
  const { outputs, inputs } = listArtifacts(result);
  const environment = result.environment && JSON.stringify(result.environment);
  const names = outputs.map(({ name }) => name);
  const committed = await db.$queryRaw<unknown[]>`
    WITH committed AS (
      UPDATE run SET state = 'done', finished_at = now(), failure_type = NULL, failure_message = NULL, reason = NULL
      WHERE key = ${key} AND epoch = ${epoch} AND state <> 'done'
      RETURNING key, epoch
    ), made AS (
      SELECT name, digest, bytes FROM jsonb_to_recordset(${JSON.stringify(outputs)}::jsonb)
        AS given (name text, digest text, bytes bigint)
    ), used AS (
      SELECT role, name, digest, bytes FROM jsonb_to_recordset(${JSON.stringify(inputs)}::jsonb)
        AS given (role text, name text, digest text, bytes bigint)
    ), artifacts AS (
      INSERT INTO artifact (digest, bytes)
      SELECT DISTINCT ON (digest) digest, bytes
      FROM committed CROSS JOIN (
        SELECT digest, bytes FROM made UNION ALL SELECT digest, bytes FROM used
      ) AS both_ways
      ORDER BY digest
      ON CONFLICT (digest) DO NOTHING
    ), left_behind AS (
      INSERT INTO run_output (run, name, digest) SELECT key, name, digest FROM committed CROSS JOIN made
    ), read AS (
      INSERT INTO run_input (run, role, name, digest)
      SELECT key, role, name, digest FROM committed CROSS JOIN used
    ), forgotten AS (
      DELETE FROM checkpoint USING committed WHERE checkpoint.run = committed.key
    ), ended AS (
      UPDATE attempt
      SET outcome = CASE WHEN attempt.epoch = committed.epoch THEN 'done' ELSE 'superseded' END::attempt_outcome,
          environment = CASE WHEN attempt.epoch = committed.epoch THEN ${environment}::jsonb END,
          ended_at = now()
      FROM committed WHERE attempt.run = committed.key AND attempt.outcome IS NULL
    ), settled AS (
      UPDATE experiment_run SET outcome = 'done'
      FROM committed JOIN attempt ON attempt.run = committed.key AND attempt.epoch = committed.epoch
      WHERE experiment_run.run = committed.key AND experiment_run.experiment = attempt.experiment
        AND experiment_run.outcome IS NULL
    ), told AS (
      INSERT INTO event (run, type, data)
      SELECT key, 'run.done', jsonb_build_object('epoch', epoch, 'outputs', ${names}::text[]) FROM committed
    )
    SELECT key FROM committed`;
  if (committed.length === 0) await refuseStale(db, key, epoch);
}

function listArtifacts(result: Result) {
  const outputs = Object.entries(result.outputs).map(([name, ref]) => ({ name, ...ref }));
  const inputs = result.inputs.flatMap(({ role, outputs: used }) =>
    Object.entries(used).map(([name, ref]) => ({ role, name, ...ref })),
  );
  return { outputs, inputs };
}

/** A run that is done already stays as it is. */
async function refuseStale(db: Database | Transaction, key: RunKey, epoch: number): Promise<void> {
  const run = await db.run.findUnique({ where: { key }, select: { epoch: true } });
  if (run === null) throw unregistered(key);
  if (run.epoch !== epoch) throw stale(key, epoch, run.epoch);
}

export async function endAttempt(
  db: Database,
  key: RunKey,
  epoch: number,
  state: Extract<RunState, 'failed' | 'interrupted' | 'cancelled'>,
  failure: RunFailure | null,
): Promise<void> {
  await db.$transaction(async (tx) => {
    if ((await lockNewest(tx, key, epoch)) !== 'running') return;
    const { type = null, message = null } = failure ?? {};
    await tx.$executeRaw`
      UPDATE run
      SET state = ${state}::run_state, finished_at = now(), failure_type = ${type}, failure_message = ${message}
      WHERE key = ${key}`;
    await tx.$executeRaw`
      UPDATE attempt
      SET outcome = CASE WHEN epoch = ${epoch} THEN ${state} ELSE 'superseded' END::attempt_outcome, ended_at = now()
      WHERE run = ${key} AND outcome IS NULL`;
    const data = { epoch, state, failure: failure === null ? null : { ...failure } };
    await recordEvents(tx, [{ runKey: key, type: 'run.ended', data }]);
  });
}

/** Until the transaction ends no other attempt can begin. */
async function lockNewest(tx: Transaction, key: RunKey, epoch: number): Promise<RunState> {
  const [run] = await tx.$queryRaw<{ epoch: number; state: RunState }[]>`
    SELECT epoch, state::text FROM run WHERE key = ${key} FOR NO KEY UPDATE`;
  if (run === undefined) throw unregistered(key);
  if (run.epoch !== epoch) throw stale(key, epoch, run.epoch);
  return run.state;
}

export function stale(key: RunKey, epoch: number, newest: number): StaleAttemptError {
  return new StaleAttemptError(
    `run ${key}: attempt ${epoch} may not write, attempt ${newest} is the newest`,
  );
}

export function unregistered(key: RunKey): UserError {
  const message = `run ${key} is not registered; start its experiment again with isthmus run`;
  return new UserError('bad-input', message);
}
