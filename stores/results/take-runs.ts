/** Assigns ready runs of an experiment to a batch workflow, in plan order. */
import { activityType, type ActivitySubject } from '../../experiment/kinds/activities.js';
import type {
  RunCounts,
  TakenRun,
  TakenRuns,
  TakeRequest,
} from '../../experiment/records/workflow-records.js';
import type { RunKey } from '../../experiment/records/runs.js';
import type { Database, Transaction } from './queries.js';
import { markRows } from './unstarted.js';

/**
 * The lock on the experiment's row makes callers take turns. May be asked again with the same order: what was handed
 * out but is not `known` to the workflow is handed out again, and counts as part of the most.
 */
export async function takeRuns(db: Database, order: TakeRequest): Promise<TakenRuns> {
  const { experiment, batch, known, most } = order;
  return db.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT FROM experiment WHERE id = ${experiment} FOR NO KEY UPDATE`;
    await takeBack(tx, order);
    await count(tx, experiment);
    await stopIfFailing(tx, order);
    await tx.$executeRaw`
      UPDATE experiment_run SET batch = ${batch}
      FROM (
        SELECT run FROM experiment_run
        WHERE experiment = ${experiment} AND batch IS NULL AND outcome IS NULL AND waiting = 0 AND NOT held
          AND (refused_until IS NULL OR refused_until <= now())
        ORDER BY position LIMIT greatest(0, ${most}::integer - (
          SELECT count(*)::integer FROM experiment_run
          WHERE experiment = ${experiment} AND batch = ${batch} AND outcome IS NULL
            AND position <> ALL(${[...known]}::integer[])))
      ) AS ready
      WHERE experiment_run.experiment = ${experiment} AND experiment_run.run = ready.run`;
    const rows = await tx.$queryRaw<TakenRow[]>`
      SELECT er.position, er.run AS key, er.name, er.summary, run.queue,
        jsonb_strip_nulls(jsonb_build_object('kind', run.kind, 'variable', run.spec->'variable')) AS subject
      FROM experiment_run er JOIN run ON run.key = er.run
      WHERE er.experiment = ${experiment} AND er.batch = ${batch} AND er.outcome IS NULL
        AND er.position <> ALL(${[...known]}::integer[])
      ORDER BY er.position`;
    const runs = rows.map(({ subject, ...run }) => ({ ...run, activity: activityType(subject) }));
    const { againMs, ...left } = await countLeft(tx, order);
    const ended = await countEnded(tx, order);
    return { runs, ...left, ended, ...(againMs === null ? {} : { againMs }) };
  });
}

interface TakenRow extends Omit<TakenRun, 'activity'> {
  readonly subject: ActivitySubject;
}

interface Left {
  readonly untaken: boolean;
  readonly waiting: number;
  readonly held: boolean;
  readonly elsewhere: number;
  readonly againMs: number | null;
}

/** A control worker that knows nothing of refused runs takes them for paused ones, and asks again in a while. */
async function countLeft(tx: Transaction, { experiment, batch }: TakeRequest): Promise<Left> {
  const [left] = await tx.$queryRaw<Left[]>`
    SELECT
      count(*) FILTER (WHERE batch IS NULL) > 0 AS untaken,
      count(*) FILTER (WHERE batch IS NULL)::integer AS waiting,
      count(*) FILTER (WHERE batch IS NULL AND (held OR refused_until > now())) > 0 AS held,
      count(*) FILTER (WHERE batch <> ${batch})::integer AS elsewhere,
      ceil(1000 * extract(epoch FROM
        min(refused_until) FILTER (WHERE batch IS NULL AND NOT held AND refused_until > now()) - now()))::integer AS "againMs"
    FROM experiment_run WHERE experiment = ${experiment} AND outcome IS NULL`;
  return left!;
}

/** Counts ended runs without those of this batch, which counts its own as it sees them end. */
async function countEnded(tx: Transaction, { experiment, batch }: TakeRequest): Promise<RunCounts> {
  const [ended] = await tx.$queryRaw<RunCounts[]>`
    SELECT
      count(*) FILTER (WHERE outcome = 'done')::integer AS done,
      count(*) FILTER (WHERE outcome = 'cached')::integer AS cached,
      count(*) FILTER (WHERE outcome = 'failed')::integer AS failed,
      count(*) FILTER (WHERE outcome = 'blocked')::integer AS blocked,
      count(*) FILTER (WHERE outcome = 'cancelled')::integer AS cancelled
    FROM experiment_run
    WHERE experiment = ${experiment} AND outcome IS NOT NULL AND batch IS DISTINCT FROM ${batch}::integer`;
  return ended!;
}

/** Cancels the runs that wait; the user who asked for this decides what to run again. */
async function stopIfFailing(tx: Transaction, { experiment, stop }: TakeRequest): Promise<void> {
  if (stop === undefined) return;
  const [ended] = await tx.$queryRaw<{ failed: number; done: number }[]>`
    SELECT count(*) FILTER (WHERE outcome = 'failed')::integer AS failed,
      count(*) FILTER (WHERE outcome = 'done')::integer AS done
    FROM experiment_run WHERE experiment = ${experiment}`;
  const { failed, done } = ended!;
  const { maxFailures = Infinity, failFast = Infinity } = stop;
  if (failed < maxFailures && (failed < failFast || done > 0)) return;
  const rows = await tx.$queryRaw<{ run: RunKey }[]>`
    UPDATE experiment_run SET outcome = 'cancelled', counted = true
    WHERE experiment = ${experiment} AND batch IS NULL AND outcome IS NULL
    RETURNING run`;
  const reason = `stopped after ${failed} failed run${failed === 1 ? '' : 's'}`;
  await markRows(
    tx,
    rows.map(({ run }) => run),
    'cancelled',
    reason,
  );
}

/** From earlier batches that have ended before their runs did; an order that comes late knows no later ones. */
async function takeBack(
  tx: Transaction,
  { experiment, batch, others }: TakeRequest,
): Promise<void> {
  await tx.$executeRaw`
    UPDATE experiment_run SET batch = NULL
    WHERE experiment = ${experiment} AND batch < ${batch}::integer AND outcome IS NULL
      AND batch <> ALL(${[...others]}::integer[])`;
}

/** Tells every run what has become of its needs since the last time. */
async function count(tx: Transaction, experiment: string): Promise<void> {
  const broken = await tx.$queryRaw<{ run: RunKey }[]>`
    WITH told AS (
      UPDATE experiment_run SET counted = true
      WHERE experiment = ${experiment} AND outcome IS NOT NULL AND NOT counted
      RETURNING run, outcome
    ), freed AS (
      UPDATE experiment_run er SET waiting = waiting - there.needs
      FROM (
        SELECT need.run, count(*)::integer AS needs
        FROM told JOIN run_need need ON need.input = told.run
        WHERE told.outcome IN ('done', 'cached')
        GROUP BY need.run
      ) AS there
      WHERE er.experiment = ${experiment} AND er.run = there.run AND NOT er.counted AND er.outcome IS NULL
    )
    SELECT run FROM told WHERE outcome NOT IN ('done', 'cached')`;
  let level = broken.map(({ run }) => run);
  while (level.length > 0) level = await block(tx, experiment, level);
}

interface Blocked {
  readonly run: RunKey;
  readonly reason: string;
  readonly outcome: 'blocked' | 'cancelled';
}

/** The runs that need one of these directly; answers with their keys. */
async function block(
  tx: Transaction,
  experiment: string,
  broken: readonly RunKey[],
): Promise<RunKey[]> {
  const blocked = await tx.$queryRaw<Blocked[]>`
    UPDATE experiment_run er SET outcome = why.outcome, counted = true
    FROM (
      SELECT DISTINCT ON (need.run) need.run, bad.name || ' ' || bad.outcome AS reason,
        CASE WHEN bad.outcome = 'cancelled' THEN 'cancelled' ELSE 'blocked' END::run_outcome AS outcome
      FROM experiment_run bad JOIN run_need need ON need.input = bad.run
      WHERE bad.experiment = ${experiment} AND bad.run = ANY(${[...broken]}::text[])
      ORDER BY need.run, need.position
    ) AS why
    WHERE er.experiment = ${experiment} AND er.run = why.run AND er.outcome IS NULL
    RETURNING er.run, why.reason, why.outcome::text`;
  const groups = new Map<string, Blocked[]>();
  for (const one of blocked) groups.set(one.reason, [...(groups.get(one.reason) ?? []), one]);
  for (const [reason, [first, ...rest]] of groups) {
    const keys = [first!, ...rest].map(({ run }) => run);
    const cancelled = first!.outcome === 'cancelled';
    await markRows(tx, keys, cancelled ? 'cancelled' : 'blocked', cancelled ? null : reason);
  }
  return blocked.map(({ run }) => run);
}
