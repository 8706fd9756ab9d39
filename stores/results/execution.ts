/** Opens and closes one execution of an experiment, and writes how its runs ended where no attempt could. */
import { UserError } from '../../experiment/errors.js';
import type { ExperimentState, FailureType } from '../../experiment/records/records.js';
import type {
  Again,
  ExperimentResult,
  OpenedExperiment,
  RunCounts,
  SettledRun,
} from '../../experiment/records/workflow-records.js';
import { runOutcomes } from '../../experiment/records/workflow-records.js';
import type { Database, Transaction } from './queries.js';
import { recordEvents } from './events.js';

/**
 * Runs that are done are the cache of this execution; all others are queued again, except failures if only unfinished runs are to
 * go on. The same execution again changes nothing, however late: its runs may be at work by then.
 */
export async function openExperiment(
  db: Database,
  id: string,
  again: Again = 'all',
  execution: string | null = null,
): Promise<OpenedExperiment> {
  return db.$transaction(async (tx) => {
    if (await isFirst(tx, id, execution)) {
      await writeState(tx, id, 'running');
      await requeue(tx, id, again === 'all' ? [] : ['failed']);
    }
    const { cached, open } = await countOutcomes(tx, id);
    return { cached, open };
  });
}

/** Its lock makes callers take turns. */
async function isFirst(tx: Transaction, id: string, execution: string | null): Promise<boolean> {
  if (execution === null) return true;
  const [known] = await tx.$queryRaw<{ openedBy: string | null }[]>`
    SELECT opened_by AS "openedBy" FROM experiment WHERE id = ${id} FOR NO KEY UPDATE`;
  if (known?.openedBy === execution) return false;
  await tx.$executeRaw`UPDATE experiment SET opened_by = ${execution} WHERE id = ${id}`;
  return true;
}

/** All that has not ended, and all that has ended badly but for the `kept` states. */
async function requeue(tx: Transaction, id: string, kept: readonly string[]): Promise<void> {
  await tx.$executeRaw`
    WITH again AS (
      UPDATE run
      SET state = 'queued', reason = NULL, failure_type = NULL, failure_message = NULL, finished_at = NULL
      FROM (
        SELECT key FROM experiment_run JOIN run ON run.key = experiment_run.run
        WHERE experiment = ${id} AND (
          state IN ('failed', 'blocked', 'cancelled', 'interrupted') AND state::text <> ALL(${[...kept]}::text[])
          OR state = 'running' AND (lease_until IS NULL OR lease_until <= now()))
        ORDER BY key FOR NO KEY UPDATE OF run
      ) AS ended
      WHERE run.key = ended.key
      RETURNING run.key
    )
    INSERT INTO event (experiment, run, type, data)
    SELECT ${id}, key, 'run.unstarted', '{"state": "queued", "reason": null}' FROM again`;
  await tx.$executeRaw`
    UPDATE experiment_run er
    SET batch = NULL, refusals = 0, refused_until = NULL,
        counted = run.state = 'done',
        outcome = CASE run.state::text
          WHEN 'done' THEN 'cached'::run_outcome
          WHEN 'failed' THEN 'failed'::run_outcome END,
        waiting = (
          SELECT count(*) FROM run_need need JOIN run input ON input.key = need.input
          WHERE need.run = er.run AND input.state <> 'done')
    FROM run
    WHERE er.experiment = ${id} AND run.key = er.run`;
}

/** For a run whose attempt could not say itself how it ended: its worker was lost, or never reached the database. */
export async function settleRun(db: Database, settled: SettledRun): Promise<void> {
  const { experiment, run: key, state, failure } = settled;
  const { type = null, message = null } = failure ?? {};
  await db.$executeRaw`
    WITH ours AS (
      SELECT key, epoch, state FROM run WHERE key = ${key} FOR NO KEY UPDATE
    ), mended AS (
      UPDATE run
      SET state = ${state}::run_state, finished_at = now(), failure_type = ${type}, failure_message = ${message}
      FROM ours LEFT JOIN attempt ON attempt.run = ours.key AND attempt.epoch = ours.epoch
      WHERE run.key = ours.key AND (
        ours.state IN ('queued', 'interrupted') OR ours.state = 'running' AND attempt.experiment = ${experiment})
      RETURNING run.key, run.epoch
    ), ended AS (
      UPDATE attempt SET outcome = ${state}::attempt_outcome, ended_at = now()
      FROM mended WHERE attempt.run = mended.key AND attempt.epoch = mended.epoch AND attempt.outcome IS NULL
    ), told AS (
      INSERT INTO event (experiment, run, type, data)
      SELECT ${experiment}, key, 'run.ended', jsonb_build_object(
        'epoch', epoch, 'state', ${state}::text,
        'failure', CASE WHEN ${type}::text IS NULL THEN NULL
          ELSE jsonb_build_object('type', ${type}::text, 'message', ${message}::text) END)
      FROM mended
    )
    UPDATE experiment_run
    SET outcome = CASE WHEN ours.state = 'done' THEN 'cached' ELSE ${state} END::run_outcome
    FROM ours
    WHERE experiment_run.experiment = ${experiment} AND experiment_run.run = ours.key AND outcome IS NULL`;
}

/** Cancelled, what has not ended is cancelled too, but for what another experiment has at work. */
export async function closeExperiment(
  db: Database,
  id: string,
  cancelled: boolean,
): Promise<ExperimentResult> {
  return db.$transaction(async (tx) => {
    if (cancelled) await cancelOpen(tx, id);
    const { open, ...counts } = await countOutcomes(tx, id);
    if (open > 0) throw new Error(`${id} cannot be closed: ${open} of its runs have not ended`);
    const failures = counts.failed + counts.blocked;
    const left = cancelled || (failures === 0 && counts.cancelled > 0);
    const state = left ? 'cancelled' : failures > 0 ? 'failed' : 'done';
    await writeState(tx, id, state);
    return { state, ...counts, problems: await firstProblems(tx, id) };
  });
}

async function cancelOpen(tx: Transaction, id: string): Promise<void> {
  await tx.$executeRaw`
    WITH open AS (
      SELECT run.key, run.epoch, run.state
      FROM experiment_run JOIN run ON run.key = experiment_run.run
      WHERE experiment = ${id} AND outcome IS NULL
      ORDER BY run.key FOR NO KEY UPDATE OF run
    ), ended AS (
      UPDATE attempt SET outcome = 'cancelled', ended_at = now()
      FROM open
      WHERE attempt.run = open.key AND attempt.epoch = open.epoch AND attempt.outcome IS NULL
        AND attempt.experiment = ${id}
      RETURNING attempt.run
    ), cancelled AS (
      UPDATE run SET state = 'cancelled', reason = NULL, finished_at = now()
      FROM open
      WHERE run.key = open.key AND (
        open.state IN ('queued', 'interrupted', 'blocked')
        OR open.state = 'running' AND open.key IN (SELECT run FROM ended))
      RETURNING run.key
    ), told AS (
      INSERT INTO event (experiment, run, type, data)
      SELECT ${id}, key, 'run.unstarted', '{"state": "cancelled", "reason": null}' FROM cancelled
    )
    UPDATE experiment_run
    SET counted = true,
        outcome = CASE WHEN open.state = 'done' THEN 'cached' ELSE 'cancelled' END::run_outcome
    FROM open
    WHERE experiment_run.experiment = ${id} AND experiment_run.run = open.key`;
}

async function countOutcomes(tx: Transaction, id: string): Promise<RunCounts & { open: number }> {
  const rows = await tx.$queryRaw<{ outcome: string; runs: number }[]>`
    SELECT coalesce(outcome::text, 'open') AS outcome, count(*)::integer AS runs
    FROM experiment_run WHERE experiment = ${id} GROUP BY outcome`;
  const found = new Map(rows.map(({ outcome, runs }) => [outcome, runs]));
  const counts = [...runOutcomes, 'open'].map((outcome) => [outcome, found.get(outcome) ?? 0]);
  return Object.fromEntries(counts) as RunCounts & { open: number };
}

/** As many as a person reads; `status` has them all. */
const problemsTold = 20;

async function firstProblems(tx: Transaction, id: string): Promise<ExperimentResult['problems']> {
  const rows = await tx.$queryRaw<
    { name: string; type: FailureType | null; message: string | null; reason: string | null }[]
  >`
    SELECT name, run.failure_type AS type, run.failure_message AS message, run.reason
    FROM experiment_run JOIN run ON run.key = experiment_run.run
    WHERE experiment = ${id} AND outcome IN ('failed', 'blocked')
    ORDER BY outcome, position LIMIT ${problemsTold}`;
  return rows.map(({ name, type, message, reason }) => ({
    name,
    why: type === null ? `blocked: ${reason ?? 'by a run it needs'}` : `${type}: ${message ?? ''}`,
  }));
}

export async function setExperimentState(
  db: Database,
  id: string,
  state: ExperimentState,
): Promise<void> {
  await db.$transaction((tx) => writeState(tx, id, state));
}

/** The event is told once for each change; the first `running` follows the registration, which has written the state. */
async function writeState(tx: Transaction, id: string, state: ExperimentState): Promise<void> {
  const found = await tx.$executeRaw`
    UPDATE experiment
    SET state = ${state}::experiment_state,
        finished_at = CASE
          WHEN ${state} = 'running' THEN NULL
          WHEN state::text = ${state} THEN finished_at
          ELSE now() END
    WHERE id = ${id}`;
  if (found === 0) throw new UserError('bad-input', `no experiment has the id ${id}`);
  const [last] = await tx.$queryRaw<{ state: string }[]>`
    SELECT data ->> 'state' AS state FROM event
    WHERE experiment = ${id} AND type = 'experiment.state' ORDER BY id DESC LIMIT 1`;
  if (last?.state === state) return;
  await recordEvents(tx, [{ experimentId: id, type: 'experiment.state', data: { state } }]);
}
