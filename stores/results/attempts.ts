/** Writes attempts at runs; a write of any but the newest attempt is refused by the run's own row. */
import { UserError } from '../../experiment/errors.js';
import type {
  Environment,
  FailureType,
  Outputs,
  RunFailure,
  RunInput,
  RunState,
} from '../../experiment/records.js';
import type { PlannedRun, RunKey } from '../../experiment/runs.js';
import { StaleAttemptError, type Claim, type Claimant } from '../results-store.js';
import type { Database, Transaction } from './database.js';
import { recordEvents } from './events.js';
import { unnamed } from './naming.js';

/**
 * One statement, whose lock on the run's row puts callers in a queue. While a lease lasts only its holder itself begins
 * again: its former attempt is known to be over, or is fenced off by the epoch. What failed in its hands has failed.
 */
export async function beginAttempt(db: Database, key: RunKey, by: Claimant): Promise<Claim> {
  const { worker, holder, experiment, leaseMs } = by;
  const [claimed] = await db.$queryRaw<(Omit<PlannedRun, 'key'> & { epoch: number })[]>`
    WITH claimed AS (
      UPDATE run
      SET epoch = epoch + 1, state = 'running', started_at = now(), finished_at = NULL,
          failure_type = NULL, failure_message = NULL, reason = NULL,
          holder = ${holder}, lease_until = now() + ${leaseMs}::integer * interval '1 millisecond'
      WHERE key = ${key} AND state <> 'done'
        AND (state <> 'running' OR lease_until IS NULL OR lease_until <= now() OR holder = ${holder})
        AND NOT (state = 'failed' AND holder IS NOT DISTINCT FROM ${holder})
        AND NOT EXISTS (
          SELECT FROM experiment_run
          WHERE experiment = ${experiment} AND experiment_run.run = run.key AND outcome IS NULL AND experiment_run.held)
      RETURNING key, epoch, kind, queue, spec
    ), superseded AS (
      UPDATE attempt SET outcome = 'superseded', ended_at = now()
      FROM claimed WHERE attempt.run = claimed.key AND attempt.epoch < claimed.epoch AND outcome IS NULL
    ), begun AS (
      INSERT INTO attempt (run, epoch, worker, experiment)
      SELECT key, epoch, ${worker}, ${experiment} FROM claimed
    ), told AS (
      INSERT INTO event (experiment, run, type, data)
      SELECT ${experiment}, key, 'run.attempt', jsonb_build_object('epoch', epoch, 'worker', ${worker}::text) FROM claimed
    )
    SELECT claimed.epoch, claimed.kind, claimed.queue, claimed.spec, named.name, named.curve, named.summary,
      coalesce((
        SELECT jsonb_agg(jsonb_build_object('role', role, 'run', input) ORDER BY position)
        FROM run_need WHERE run = claimed.key), '[]') AS needs
    FROM claimed LEFT JOIN LATERAL (
      SELECT name, curve, summary FROM experiment_run WHERE run = claimed.key
      ORDER BY experiment IS NOT DISTINCT FROM ${experiment} DESC, experiment LIMIT 1
    ) AS named ON true`;
  if (claimed === undefined) return whyNot(db, key, by);
  const { epoch, queue, spec, needs, name, curve, summary } = claimed;
  const naming = name === null ? unnamed(spec.kind, key) : { name, curve, summary };
  return { state: 'claimed', epoch, run: { key, ...naming, queue, spec, needs } };
}

interface Seen {
  readonly state: RunState;
  readonly epoch: number;
  readonly type: FailureType | null;
  readonly message: string | null;
  readonly paused: boolean;
}

/**
 * A result that is there already is written down as this experiment's own end of the run. One that is paused goes back
 * to those that wait, for whichever batch takes it.
 */
async function whyNot(db: Database, key: RunKey, { experiment, holder }: Claimant): Promise<Claim> {
  const [row] = await db.$queryRaw<Seen[]>`
    WITH seen AS (
      SELECT key, state, epoch, failure_type, failure_message,
        state = 'done' OR (state = 'failed' AND holder IS NOT DISTINCT FROM ${holder}) AS over
      FROM run WHERE key = ${key}
    ), returned AS (
      UPDATE experiment_run SET batch = NULL
      FROM seen
      WHERE NOT seen.over AND experiment_run.run = seen.key AND experiment = ${experiment}
        AND outcome IS NULL AND held
      RETURNING run
    ), cached AS (
      UPDATE experiment_run SET outcome = 'cached'
      FROM seen
      WHERE seen.state = 'done' AND experiment_run.run = seen.key AND experiment = ${experiment} AND outcome IS NULL
    )
    SELECT state::text, epoch, failure_type AS type, failure_message AS message,
      EXISTS (SELECT FROM returned) AS paused
    FROM seen`;
  if (row === undefined) throw unregistered(key);
  const { state, epoch, type, message, paused } = row;
  if (state === 'done') return { state };
  if (paused) return { state: 'paused' };
  return state === 'failed' && type !== null
    ? { state, failure: { type, message: message ?? '' } }
    : { state: 'held', epoch };
}

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
  const { outputs, inputs } = artifactsOf(result);
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

function artifactsOf(result: Result) {
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
