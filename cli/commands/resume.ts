/** `resume` goes on with what was interrupted or cancelled, `retry` tries again what failed; what is done stays. */
import { UserError } from '../../experiment/errors.js';
import type { Plan } from '../../experiment/plan/plan.js';
import type { RunState } from '../../experiment/records/records.js';
import { loadSettings, type Settings } from '../../settings/settings.js';
import type { ExperimentRow, ResultsStore, RunRow } from '../../stores/results/results-store.js';
import { conclude } from '../results/conclude.js';
import type { CommonOptions, Context } from '../terminal/context.js';
import type { ExitCode } from '../terminal/exit-codes.js';
import { replan } from '../experiments/experiment-file.js';
import { findExperiment } from '../experiments/find-experiment.js';
import { matcher, type MatchOptions } from '../experiments/match-runs.js';
import { countStates, describeCounts } from '../status/states.js';
import { goesOnAt } from '../status/run-status.js';
import type { StoredExperiment } from '../resume/stored-experiment.js';
import { showResumePlan } from '../resume/resume-plan.js';
import { withStore } from '../connections/store.js';
import { withTemporal, workflowStatus } from '../connections/temporal.js';
import { start } from './run.js';

export interface ResumeOptions extends CommonOptions {
  readonly wait: boolean;
  readonly plan?: boolean;
}

export interface RetryOptions extends MatchOptions {
  readonly wait: boolean;
  readonly failed?: boolean;
}

/** States from which a run is resumed. */
const goesOn: readonly RunState[] = ['queued', 'running', 'interrupted', 'cancelled'];

/** Runs that are told of one by one. */
const mostTold = 20;

export async function resume(
  context: Context,
  text: string,
  options: ResumeOptions,
): Promise<ExitCode> {
  if (options.wide && !options.plan) {
    throw new UserError(
      'usage',
      '--wide is for the table that --plan prints: give both or neither',
    );
  }
  const settings = loadSettings(context.env);
  return withStore(settings, async (store) => {
    const stored = await read(settings, store, text);
    const { experiment, rows, running } = stored;
    const chosen = chosenRows(rows, ({ state }) => goesOn.includes(state));
    if (options.plan) return showResumePlan(context, store, stored, chosen);
    if (chosen.length === 0 && !running) {
      context.say(`${experiment.id} ${nothing(rows)}: nothing to resume`);
      return conclude(context, store, experiment.id, 'settled');
    }
    return again(context, settings, store, stored, { chosen, wait: options.wait });
  });
}

export async function retry(
  context: Context,
  text: string,
  options: RetryOptions,
): Promise<ExitCode> {
  const { match = '*' } = options;
  const settings = loadSettings(context.env);
  return withStore(settings, async (store) => {
    const stored = await read(settings, store, text);
    const { experiment, rows, running } = stored;
    const { id } = experiment;
    if (running) {
      throw new UserError('failed', `${id} is running; retry what failed when it has ended`, {
        hint: `./isthmus watch ${id}`,
      });
    }
    const fits = matcher(match);
    const failed = rows.filter(({ state, run }) => state === 'failed' && fits(run.name));
    if (failed.length === 0) {
      const which = options.match === undefined ? '' : ` named like "${match}"`;
      context.say(`${id} has no failed run${which}: nothing to retry`);
      return conclude(context, store, id, 'settled');
    }
    const keys = new Set(failed.map(({ run }) => run.key));
    const chosen = chosenRows(
      rows,
      ({ run, state }) => keys.has(run.key) || goesOn.includes(state),
    );
    await store.markUnstarted([...keys], 'queued', null);
    return again(context, settings, store, stored, { chosen, wait: options.wait });
  });
}

async function read(
  settings: Settings,
  store: ResultsStore,
  text: string,
): Promise<StoredExperiment> {
  const experiment = await findExperiment(store, text);
  const rows = await store.runsOf(experiment.id);
  const status = await withTemporal(settings.temporal, (client) =>
    workflowStatus(client, experiment.id),
  );
  return { experiment, rows, running: status === 'RUNNING' };
}

/** With what is blocked by nothing else than these. Needs come before what needs them. */
function chosenRows(
  rows: readonly RunRow[],
  directly: (row: RunRow) => boolean,
): readonly RunRow[] {
  const hopeful = new Set<string>();
  return rows.filter((row) => {
    const { run, state } = row;
    const able = run.needs.every((need) => hopeful.has(need.run));
    if (state === 'done' || (able && (directly(row) || state === 'blocked'))) hopeful.add(run.key);
    return state !== 'done' && hopeful.has(run.key);
  });
}

async function again(
  context: Context,
  settings: Settings,
  store: ResultsStore,
  { experiment, rows, running }: StoredExperiment,
  { chosen, wait }: Pick<ResumeOptions, 'wait'> & { readonly chosen: readonly RunRow[] },
): Promise<ExitCode> {
  const plan = storedPlan(experiment, rows);
  if (!running) {
    const done = rows.filter(({ state }) => state === 'done').length;
    const counts = describeCounts(countStates(chosen.map(({ state }) => state)));
    context.say(`${done} of ${rows.length} runs stay done; again: ${counts}`);
    for (const row of chosen.slice(0, mostTold)) {
      const where = goesOnAt({ ...row, state: 'interrupted' });
      if (where) context.say(`${row.run.name} ${where}`);
    }
  }
  return start(context, settings, store, plan, { wait, again: 'unfinished' });
}

/** A run planned under older rules would be computed under the new ones and stored as the old. */
function storedPlan({ id, config }: ExperimentRow, rows: readonly RunRow[]): Plan {
  const plan = replan(config);
  const stored = new Set(rows.map(({ run }) => run.key));
  if (plan.id === id && plan.runs.every(({ key }) => stored.has(key))) return plan;
  throw new UserError(
    'failed',
    `${id} was planned by another version of Isthmus, with other results`,
    {
      hint: './isthmus run its file, which plans it anew',
    },
  );
}

function nothing(rows: readonly RunRow[]): string {
  const failed = rows.filter(({ state }) => state === 'failed').length;
  return failed === 0 ? 'is done' : `has ${failed} failed (isthmus retry tries them again)`;
}
