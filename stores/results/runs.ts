/** Reads runs as planned, with state, outputs and failure. */
import { outOfBounds } from '../../experiment/records/loss-bound.js';
import type {
  Environment,
  FailureType,
  Outputs,
  RunState,
} from '../../experiment/records/records.js';
import type { Need, RunKey, WorkQueue } from '../../experiment/records/runs.js';
import type { RunSpec } from '../../experiment/kinds/index.js';
import type { RunRow } from './results-store.js';
import type { Reader } from './queries.js';
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
  readonly version: number | null;
  readonly held: boolean;
  readonly inHand: boolean;
  readonly refused: boolean;
  readonly madeBy: string | null;
  readonly attemptBy: string | null;
  readonly resumedAt: number | null;
  readonly lossOutOfBounds: number | null;
  readonly waitsFor: readonly string[];
  /** Null where no experiment names it. */
  readonly name: string | null;
  readonly curve: string | null;
  readonly summary: string;
}

/** One round trip for all of a run, however many runs. */
const columns = `
  run.key, run.queue, run.spec, run.version, run.state::text, run.epoch, run.reason, named.held,
  named.batch IS NOT NULL AND named.outcome IS NULL AS "inHand",
  named.refused_until IS NOT NULL AND run.state IN ('queued', 'interrupted') AS refused,
  run.failure_type AS "failureType", run.failure_message AS "failureMessage",
  run.started_at AS "startedAt", run.finished_at AS "finishedAt",
  coalesce((
    SELECT jsonb_agg(jsonb_build_object('role', role, 'run', input) ORDER BY position)
    FROM run_need WHERE run = run.key), '[]') AS needs,
  coalesce((
    SELECT jsonb_object_agg(name, jsonb_build_object('digest', digest, 'bytes', bytes))
    FROM run_output JOIN artifact USING (digest) WHERE run = run.key), '{}') AS outputs,
  made.environment, made.experiment AS "madeBy",
  CASE WHEN run.state = 'running' THEN (
    SELECT experiment FROM attempt WHERE run = run.key AND epoch = run.epoch) END AS "attemptBy",
  CASE WHEN run.state = 'running' THEN (
    SELECT (data ->> 'step')::float8 FROM event
    WHERE run = run.key AND type = 'run.resumed' AND (data ->> 'epoch')::integer = run.epoch LIMIT 1
  ) END AS "resumedAt",
  CASE WHEN run.state = 'queued' AND named.experiment IS NOT NULL THEN ARRAY(
    SELECT before.name
    FROM run_need need JOIN run input ON input.key = need.input
      JOIN experiment_run before ON before.run = need.input AND before.experiment = named.experiment
    WHERE need.run = run.key AND input.state <> 'done' ORDER BY need.position
  ) ELSE ARRAY[]::text[] END AS "waitsFor",
  (
    SELECT jsonb_build_object('step', step, 'total', total) FROM checkpoint
    WHERE checkpoint.run = run.key ORDER BY step DESC LIMIT 1) AS checkpoint,
  (
    SELECT value FROM metric
    WHERE metric.run = run.key AND series = '${outOfBounds}' AND x = 0) AS "lossOutOfBounds",
  named.name, named.curve, named.summary`;

/** The attempt whose result it is. */
const made = `
  LEFT JOIN LATERAL (
    SELECT environment, experiment FROM attempt WHERE run = run.key AND outcome = 'done' LIMIT 1
  ) AS made ON true`;

/** At work, then failed, then waiting, then the rest; the choice itself comes in plan order. */
const attention = `
  CASE WHEN state = 'running' THEN 0 WHEN state = 'failed' THEN 1 WHEN state = 'queued' THEN 2 ELSE 3 END, position`;

export async function readRuns(
  db: Reader,
  experimentId: string,
  most: number | null = null,
): Promise<readonly RunRow[]> {
  const rows = await db.$queryRawUnsafe<Stored[]>(
    `SELECT ${columns}
    FROM (
      SELECT er.* FROM experiment_run er JOIN run ON run.key = er.run
      WHERE er.experiment = $1
      ORDER BY ${most === null ? 'position' : attention} LIMIT $2
    ) AS named JOIN run ON run.key = named.run ${made}
    ORDER BY named.position`,
    experimentId,
    most,
  );
  return rows.map(runRow);
}

/** In the order of the keys, under the names of the first experiment by id that still has them. */
export async function findRuns(db: Reader, keys: readonly RunKey[]): Promise<readonly RunRow[]> {
  const rows = await db.$queryRawUnsafe<Stored[]>(
    `SELECT ${columns}
    FROM run LEFT JOIN LATERAL (
      SELECT name, curve, summary, false AS held, NULL::integer AS batch, NULL::timestamptz AS refused_until, NULL AS outcome, NULL AS experiment
      FROM experiment_run WHERE run = run.key ORDER BY experiment LIMIT 1
    ) AS named ON true ${made}
    WHERE run.key = ANY($1::text[])`,
    [...keys],
  );
  const byKey = new Map(rows.map((row) => [row.key, runRow(row)]));
  return [...new Set(keys)].flatMap((key) => byKey.get(key) ?? []);
}

function runRow(stored: Stored): RunRow {
  const { key, queue, spec, needs, name, curve, summary, outputs, environment } = stored;
  const { state, epoch, failureType, failureMessage, reason, startedAt, finishedAt } = stored;
  const { version, held, inHand, refused, madeBy, attemptBy, resumedAt, waitsFor } = stored;
  const naming = name === null ? unnamed(spec.kind, key) : { name, curve, summary };
  const failure =
    failureType === null ? null : { type: failureType, message: failureMessage ?? '' };
  return {
    run: { key, ...naming, queue, needs, spec },
    checkpoint: stored.checkpoint,
    lossOutOfBounds: stored.lossOutOfBounds,
    ...{ version, held, inHand, refused, madeBy, attemptBy, resumedAt, waitsFor },
    ...{ state, epoch, failure, reason, outputs, environment, startedAt, finishedAt },
  };
}
