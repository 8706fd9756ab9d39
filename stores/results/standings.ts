/** States of many runs at once: counts per experiment, and known results of a plan. */
import type { FailureType, RunState } from '../../experiment/records/records.js';
import type { RunKey, WorkQueue } from '../../experiment/records/runs.js';
import type { RunKind, RunSpec } from '../../experiment/kinds/index.js';
import type { FormerRun } from '../../experiment/plan/stale.js';
import type { MeasuredRun } from '../../experiment/plan/time-left.js';
import type { OpenRuns, StateCounts, StoredStanding } from './results-store.js';
import type { Reader } from './queries.js';

/** Anyone's result is cached for an experiment whose own attempt did not make it. */
const standing = `
  CASE
    WHEN run.state = 'done' AND made.experiment <> er.experiment THEN 'cached'
    WHEN run.state = 'queued' AND er.held THEN 'paused'
    ELSE run.state::text END`;

export async function countStates(
  db: Reader,
  experimentIds: readonly string[],
): Promise<ReadonlyMap<string, StateCounts>> {
  const rows = await db.$queryRawUnsafe<{ experiment: string; state: string; runs: number }[]>(
    `SELECT er.experiment, ${standing} AS state, count(*)::integer AS runs
    FROM experiment_run er JOIN run ON run.key = er.run
      LEFT JOIN attempt made ON made.run = er.run AND made.outcome = 'done'
    WHERE er.experiment = ANY($1::text[])
    GROUP BY 1, 2`,
    [...experimentIds],
  );
  const counts = new Map(experimentIds.map((id): [string, Record<string, number>] => [id, {}]));
  for (const { experiment, state, runs } of rows) counts.get(experiment)![state] = runs;
  return counts;
}

/** Seeds decide no time, and most sweeps differ by nothing else. */
export async function openRuns(db: Reader, experiment: string): Promise<OpenRuns> {
  const specs = await db.$queryRaw<{ spec: RunSpec; runs: number }[]>`
    SELECT run.spec, count(*)::integer AS runs
    FROM experiment_run er
      JOIN LATERAL (SELECT spec - 'seed' - 'index' AS spec, state FROM run WHERE key = er.run) AS run ON true
    WHERE er.experiment = ${experiment} AND run.state IN ('queued', 'interrupted')
    GROUP BY run.spec`;
  const [lately] = await db.$queryRaw<{ runs: number; seconds: number | null }[]>`
    SELECT count(*)::integer AS runs, extract(epoch FROM now() - min(run.finished_at))::float8 AS seconds
    FROM experiment_run er JOIN run ON run.key = er.run
    WHERE er.experiment = ${experiment} AND run.queue = 'cpu' AND run.state = 'done'
      AND run.finished_at > now() - ${latelySeconds}::integer * interval '1 second'`;
  const { runs, seconds } = lately!;
  return { waiting: specs, smallRunsPerSecond: runs < leastLately ? 0 : runs / (seconds || 1) };
}

export async function workedQueues(db: Reader): Promise<ReadonlySet<WorkQueue>> {
  const rows = await db.$queryRaw<{ queue: WorkQueue }[]>`
    SELECT DISTINCT queue FROM run WHERE state = 'running' AND lease_until > now()`;
  return new Set(rows.map(({ queue }) => queue));
}

const latelySeconds = 20;
/** Fewer tell no rate. */
const leastLately = 20;

/** The newest of each kind that were computed in one go, whatever they were. */
export async function measuredRuns(
  db: Reader,
  kinds: readonly RunKind[],
): Promise<readonly MeasuredRun[]> {
  return db.$queryRaw<MeasuredRun[]>`
    SELECT done.spec, done.seconds
    FROM unnest(${[...kinds]}::text[]) AS asked (kind) CROSS JOIN LATERAL (
      SELECT spec, extract(epoch FROM finished_at - started_at)::float8 AS seconds FROM run
      WHERE run.kind = asked.kind AND state = 'done' AND epoch = 1 AND started_at IS NOT NULL
      ORDER BY finished_at DESC LIMIT ${measuredOfKind}::integer
    ) AS done`;
}

const measuredOfKind = 200;

export async function readRunStates(
  db: Reader,
  keys: readonly RunKey[],
): Promise<ReadonlyMap<RunKey, StoredStanding>> {
  const rows = await db.$queryRaw<
    (Omit<StoredStanding, 'failure'> & {
      key: RunKey;
      state: RunState;
      type: FailureType | null;
      message: string | null;
    })[]
  >`
    SELECT key, state::text, failure_type AS type, failure_message AS message, reason, version,
      made.experiment AS "madeBy",
      CASE WHEN state IN ('queued', 'interrupted') THEN EXISTS (
        SELECT FROM experiment_run er
        WHERE er.run = key AND er.refused_until IS NOT NULL AND er.outcome IS NULL
      ) ELSE false END AS refused
    FROM run LEFT JOIN attempt made ON made.run = key AND made.outcome = 'done'
    WHERE key = ANY(${[...keys]}::text[])`;
  return new Map(
    rows.map(({ key, type, message, ...standing }) => {
      const failure = type === null ? null : { type, message: message ?? '' };
      return [key, { ...standing, failure }];
    }),
  );
}

/** The newest result that any experiment of this name has under each of these names of runs. */
export async function formerRuns(
  db: Reader,
  experimentName: string,
  runNames: readonly string[],
): Promise<ReadonlyMap<string, FormerRun>> {
  const rows = await db.$queryRaw<FormerRun[]>`
    SELECT DISTINCT ON (er.name) er.name, run.key, run.spec, run.version, coalesce((
      SELECT jsonb_agg(
        jsonb_build_object('role', need.role, 'run', need.input, 'name', parent.name) ORDER BY need.position)
      FROM run_need need LEFT JOIN experiment_run parent
        ON parent.experiment = er.experiment AND parent.run = need.input
      WHERE need.run = run.key), '[]') AS needs
    FROM experiment JOIN experiment_run er ON er.experiment = experiment.id JOIN run ON run.key = er.run
    WHERE experiment.name = ${experimentName} AND er.name = ANY(${[...runNames]}::text[]) AND run.state = 'done'
    ORDER BY er.name, run.finished_at DESC`;
  return new Map(rows.map((row) => [row.name, row]));
}
