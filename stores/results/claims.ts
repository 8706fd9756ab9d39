/** Claims the next attempt at a run, or says why it is unavailable. */
import { Prisma } from '#prisma';
import type { ProductPrecision } from '../../experiment/plan/product-precision.js';
import { runKey } from '../../experiment/plan/keys.js';
import type { FailureType, RunState } from '../../experiment/records/records.js';
import type { Need, PlannedRun, RunKey } from '../../experiment/records/runs.js';
import type { RunSpec } from '../../experiment/kinds/index.js';
import type { Claim, Claimant } from './results-store.js';
import { unregistered } from './attempts.js';
import type { Database } from './queries.js';
import { unnamed } from './naming.js';
import { sha256 } from '../sha256.js';

/** As productPrecision() of its spec. */
const precisionOf = Prisma.sql`CASE spec ->> 'precision' WHEN 'tf32' THEN 'tf32' ELSE 'float32' END`;

/**
 * One statement, whose lock on the run's row puts callers in a queue. While a lease lasts only its holder itself begins
 * again: its former attempt is known to be over, or is fenced off by the epoch. What failed in its hands has failed.
 * A run of another semantic version is not for this worker, whose code would compute something else under its key; neither is one in a precision that its engines lack.
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
        AND version = (${JSON.stringify(by.versions)}::jsonb ->> kind)::integer
        AND ${precisionOf} = ANY(${[...by.precisions]}::text[])
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
  if (claimed === undefined) return (await recordVersion(db, key, by)) ?? whyNot(db, key, by);
  const { epoch, queue, spec, needs, name, curve, summary } = claimed;
  const naming = name === null ? unnamed(spec.kind, key) : { name, curve, summary };
  return { state: 'claimed', epoch, run: { key, ...naming, queue, spec, needs } };
}

interface Unversioned {
  readonly spec: RunSpec;
  readonly needs: readonly Need[];
}

/**
 * A run from before versions were recorded: its key has the version in it. Where it is the one of this worker, it is
 * written down and the claim made anew; null where there is nothing to write.
 */
async function recordVersion(db: Database, key: RunKey, by: Claimant): Promise<Claim | null> {
  const [run] = await db.$queryRaw<Unversioned[]>`
    SELECT spec, coalesce((
      SELECT jsonb_agg(jsonb_build_object('role', role, 'run', input) ORDER BY position)
      FROM run_need WHERE run_need.run = run.key), '[]') AS needs
    FROM run WHERE key = ${key} AND version IS NULL`;
  const own = run && by.versions[run.spec.kind];
  if (run === undefined || own === undefined) return null;
  if (runKey(run.spec, run.needs, own, sha256) !== key) return null;
  await db.$executeRaw`UPDATE run SET version = ${own} WHERE key = ${key} AND version IS NULL`;
  return beginAttempt(db, key, by);
}

interface Seen {
  readonly state: RunState;
  readonly epoch: number;
  readonly type: FailureType | null;
  readonly message: string | null;
  readonly paused: boolean;
  /** Whether this worker computes another version than the run's, or not in its precision. */
  readonly other: boolean;
  readonly version: number | null;
  readonly own: number | null;
  readonly precision: ProductPrecision;
  /** Its own former attempt has ended it. */
  readonly over: boolean;
}

/**
 * A run that one worker after the other refuses is handed out ever less often, at last once in this time: a short one
 * where runs like it have ended within the long one, so that some worker computes them.
 */
const secondsBetweenRefusals = { some: 4, none: 60 } as const;

/**
 * A result that is there already is written down as this experiment's own end of the run. One that is paused, of
 * another version or in another precision, goes back to those that wait, for whichever batch takes it; an attempt at it whose worker is lost has
 * then been interrupted.
 */
async function whyNot(db: Database, key: RunKey, by: Claimant): Promise<Claim> {
  const { experiment, holder, worker } = by;
  const { some, none } = secondsBetweenRefusals;
  const [row] = await db.$queryRaw<Seen[]>`
    WITH seen AS (
      SELECT key, kind, state, epoch, failure_type, failure_message, version, own, precision,
        state = 'done' OR (state = 'failed' AND holder IS NOT DISTINCT FROM ${holder}) AS over,
        version IS DISTINCT FROM own OR version IS NULL OR precision <> ALL(${[...by.precisions]}::text[]) AS other,
        state = 'running' AND (lease_until IS NULL OR lease_until <= now() OR holder = ${holder}) AS lost
      FROM run, LATERAL (
        SELECT (${JSON.stringify(by.versions)}::jsonb ->> kind)::integer AS own, ${precisionOf} AS precision) AS worker
      WHERE key = ${key}
    ), returned AS (
      UPDATE experiment_run
      SET batch = NULL,
          refusals = refusals + CASE WHEN held THEN 0 ELSE 1 END,
          refused_until = CASE WHEN held THEN refused_until ELSE
            now() + interval '1 second' * least(2 ^ least(refusals, 20), CASE WHEN EXISTS (
              SELECT FROM run AS alike
              WHERE alike.kind = seen.kind AND alike.version = seen.version
                AND alike.finished_at > now() - ${none}::integer * interval '1 second' AND alike.state = 'done'
            ) THEN ${some}::integer ELSE ${none}::integer END) END
      FROM seen
      WHERE NOT seen.over AND experiment_run.run = seen.key AND experiment = ${experiment}
        AND outcome IS NULL AND (held OR seen.other)
      RETURNING run, held, refusals
    ), ended AS (
      UPDATE attempt SET outcome = 'interrupted', ended_at = now()
      FROM seen
      WHERE seen.other AND seen.lost AND attempt.run = seen.key AND attempt.epoch = seen.epoch
        AND attempt.outcome IS NULL
    ), interrupted AS (
      UPDATE run SET state = 'interrupted', finished_at = now()
      FROM seen WHERE seen.other AND seen.lost AND run.key = seen.key AND run.epoch = seen.epoch AND run.state = 'running'
    ), told AS (
      INSERT INTO event (experiment, run, type, data)
      SELECT ${experiment}, key, 'run.refused', jsonb_build_object(
        'version', version, 'worker', ${worker}::text, 'computes', own, 'precision', precision)
      FROM seen JOIN returned ON returned.run = seen.key WHERE NOT returned.held AND returned.refusals = 1
    ), cached AS (
      UPDATE experiment_run SET outcome = 'cached'
      FROM seen
      WHERE seen.state = 'done' AND experiment_run.run = seen.key AND experiment = ${experiment} AND outcome IS NULL
    )
    SELECT state::text, epoch, failure_type AS type, failure_message AS message, version, own, precision, other, over,
      EXISTS (SELECT FROM returned WHERE held) AS paused
    FROM seen`;
  if (row === undefined) throw unregistered(key);
  const { state, epoch, type, message, paused, other, over, version, own, precision } = row;
  if (state === 'done') return { state };
  if (paused) return { state: 'paused' };
  if (other && !over) return { state: 'refused', version, own, precision };
  return state === 'failed' && type !== null
    ? { state, failure: { type, message: message ?? '' } }
    : { state: 'held', epoch };
}
