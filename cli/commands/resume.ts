/** `resume`: starts a stored experiment again; what is done stays, everything else is queued. */
import { UserError } from '../../experiment/errors.js';
import type { Plan } from '../../experiment/plan.js';
import type { RunState } from '../../experiment/records.js';
import { loadSettings } from '../../infra/settings.js';
import type { ExperimentRow, ResultsStore, RunRow } from '../../stores/results-store.js';
import { conclude } from '../conclude.js';
import type { CommonOptions, Context } from '../context.js';
import type { ExitCode } from '../exit-codes.js';
import { replan } from '../experiment-file.js';
import { findExperiment } from '../find-experiment.js';
import { goesOnAt } from '../run-table.js';
import { describeCounts, countStates } from '../states.js';
import { withStore } from '../store.js';
import { withTemporal, workflowStatus } from '../temporal.js';
import { start } from './run.js';

export interface ResumeOptions extends CommonOptions {
  readonly wait: boolean;
}

/** Runs that are told of one by one. */
const mostTold = 20;

/** States of runs that `resume` puts back into the queue. */
const resumable: readonly RunState[] = ['failed', 'blocked', 'cancelled', 'interrupted', 'running'];

export async function resume(
  context: Context,
  text: string,
  options: ResumeOptions,
): Promise<ExitCode> {
  const settings = loadSettings(context.env);
  return withStore(settings, async (store) => {
    const experiment = await findExperiment(store, text);
    const rows = await store.runsOf(experiment.id);
    if (experiment.state === 'done' && rows.every(({ state }) => state === 'done')) {
      context.say(`${experiment.id} is done: nothing to resume`);
      return conclude(context, store, experiment.id, 'settled');
    }
    const plan = storedPlan(experiment, rows);
    const status = await withTemporal(settings.temporal, (client) =>
      workflowStatus(client, plan.id),
    );
    if (status !== 'RUNNING') await requeue(context, store, rows);
    return start(context, settings, store, plan, options);
  });
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

async function requeue(
  context: Context,
  store: ResultsStore,
  rows: readonly RunRow[],
): Promise<void> {
  const again = rows.filter(({ state }) => resumable.includes(state));
  const keys = again.map(({ run }) => run.key);
  await store.markUnstarted(keys, 'queued', null);
  const done = rows.filter(({ state }) => state === 'done').length;
  const counts = describeCounts(countStates(again.map(({ state }) => state)));
  context.say(`${done} of ${rows.length} runs stay done${counts && `; again: ${counts}`}`);
  for (const row of again.slice(0, mostTold)) {
    const where = goesOnAt({ ...row, state: 'interrupted' });
    if (where) context.say(`${row.run.name} ${where}`);
  }
}
