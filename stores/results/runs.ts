/** Reads runs back as they were planned, with their state and what they left behind. */
import type { Environment, FailureType, Outputs, RunState } from '../../experiment/records.js';
import type { Need, RunKey, RunSpec, WorkQueue } from '../../experiment/runs.js';
import type { RunRow, StateCounts } from '../results-store.js';
import type { Database } from './database.js';
import { unnamed } from './naming.js';

interface Stored {
  readonly key: RunKey;
  readonly queue: WorkQueue;
  readonly spec: RunSpec;
  readonly state: RunState;
  readonly epoch: number;
  readonly failureType: FailureType | null;
  readonly failureMessage: string | null;
  readonly reason: string | null;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly needs: readonly Need[];
  readonly outputs: Outputs;
  readonly environment: Environment | null;
  readonly checkpoint: RunRow['checkpoint'];
  /** Null where no experiment names it. */
  readonly name: string | null;
  readonly curve: string | null;
  readonly summary: string;
}

/** One round trip for all of a run, however many runs. */
const columns = `
  run.key, run.queue, run.spec, run.state::text, run.epoch,
  CASE WHEN named.held AND run.state = 'queued' THEN 'paused' ELSE run.reason END AS reason,
  run.failure_type AS "failureType", run.failure_message AS "failureMessage",
  run.started_at AS "startedAt", run.finished_at AS "finishedAt",
  coalesce((
    SELECT jsonb_agg(jsonb_build_object('role', role, 'run', input) ORDER BY position)
    FROM run_need WHERE run = run.key), '[]') AS needs,
  coalesce((
    SELECT jsonb_object_agg(name, jsonb_build_object('digest', digest, 'bytes', bytes))
    FROM run_output JOIN artifact USING (digest) WHERE run = run.key), '{}') AS outputs,
  (SELECT environment FROM attempt WHERE run = run.key AND outcome = 'done' LIMIT 1) AS environment,
  (
    SELECT jsonb_build_object('step', step, 'total', total) FROM checkpoint
    WHERE checkpoint.run = run.key ORDER BY step DESC LIMIT 1) AS checkpoint,
  named.name, named.curve, named.summary`;

/** At work, then failed, then waiting, then the rest; the choice itself comes in plan order. */
const attention = `
  CASE WHEN state = 'running' THEN 0 WHEN state = 'failed' THEN 1 WHEN state = 'queued' THEN 2 ELSE 3 END, position`;

export async function runsOf(
  db: Database,
  experimentId: string,
  most: number | null = null,
): Promise<readonly RunRow[]> {
  const rows = await db.$queryRawUnsafe<Stored[]>(
    `SELECT ${columns}
    FROM (
      SELECT er.* FROM experiment_run er JOIN run ON run.key = er.run
      WHERE er.experiment = $1
      ORDER BY ${most === null ? 'position' : attention} LIMIT $2
    ) AS named JOIN run ON run.key = named.run
    ORDER BY named.position`,
    experimentId,
    most,
  );
  return rows.map(runRow);
}

/** In the order of the keys, under the names of the first experiment by id that still has them. */
export async function findRuns(db: Database, keys: readonly RunKey[]): Promise<readonly RunRow[]> {
  const rows = await db.$queryRawUnsafe<Stored[]>(
    `SELECT ${columns}
    FROM run LEFT JOIN LATERAL (
      SELECT name, curve, summary, false AS held FROM experiment_run
      WHERE run = run.key ORDER BY experiment LIMIT 1
    ) AS named ON true
    WHERE run.key = ANY($1::text[])`,
    [...keys],
  );
  const byKey = new Map(rows.map((row) => [row.key, runRow(row)]));
  return [...new Set(keys)].flatMap((key) => byKey.get(key) ?? []);
}

function runRow(stored: Stored): RunRow {
  const { key, queue, spec, needs, name, curve, summary, outputs, environment } = stored;
  const { state, epoch, failureType, failureMessage, reason, startedAt, finishedAt } = stored;
  const naming = name === null ? unnamed(spec.kind, key) : { name, curve, summary };
  const failure =
    failureType === null ? null : { type: failureType, message: failureMessage ?? '' };
  return {
    run: { key, ...naming, queue, needs, spec },
    checkpoint: stored.checkpoint,
    ...{ state, epoch, failure, reason, outputs, environment, startedAt, finishedAt },
  };
}

export async function statesOf(
  db: Database,
  keys: readonly RunKey[],
): Promise<ReadonlyMap<RunKey, RunState>> {
  const rows = await db.$queryRaw<{ key: RunKey; state: RunState }[]>`
    SELECT key, state::text FROM run WHERE key = ANY(${[...keys]}::text[])`;
  return new Map(rows.map(({ key, state }) => [key, state]));
}

export async function countStates(
  db: Database,
  experimentIds: readonly string[],
): Promise<ReadonlyMap<string, StateCounts>> {
  const rows = await db.$queryRaw<{ experiment: string; state: RunState; runs: number }[]>`
    SELECT experiment, state::text, count(*)::integer AS runs
    FROM experiment_run JOIN run ON run.key = experiment_run.run
    WHERE experiment = ANY(${[...experimentIds]}::text[])
    GROUP BY experiment, state`;
  const counts = new Map(experimentIds.map((id): [string, Record<string, number>] => [id, {}]));
  for (const { experiment, state, runs } of rows) counts.get(experiment)![state] = runs;
  return counts;
}
