/** `cancel`: stops an experiment and waits until every run has let go, or stops some of its runs; what is done stays. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { loadSettings } from '../../settings/settings.js';
import type { ResultsStore } from '../../stores/results/results-store.js';
import { cancelInBatches, wakeBatches } from '../experiments/batches.js';
import { printJson, type Context } from '../terminal/context.js';
import { exitCodes, type ExitCode } from '../terminal/exit-codes.js';
import { findExperiment } from '../experiments/find-experiment.js';
import { matchRuns, type MatchOptions } from '../experiments/match-runs.js';
import { warnWithoutWorker } from '../experiments/start-experiment.js';
import { withStore } from '../connections/store.js';
import { experimentHandle, withTemporal, workflowStatus } from '../connections/temporal.js';

const pollMs = 250;

export async function cancel(
  context: Context,
  text: string,
  { match }: MatchOptions,
): Promise<ExitCode> {
  const settings = loadSettings(context.env);
  return withStore(settings, async (store) => {
    const { id, state } = await findExperiment(store, text);
    if (match !== undefined) {
      return withTemporal(settings.temporal, (client) =>
        cancelSome(context, client, store, id, match),
      );
    }
    const cancelled = await withTemporal(settings.temporal, (client) => stop(context, client, id));
    const now = cancelled ? await findExperiment(store, id) : { state };
    if (context.json) printJson(context, { id, state: now.state });
    context.say(cancelled ? `${id} is ${now.state}` : `${id} does not run; it is ${state}`);
    context.next(...(now.state === 'done' ? [`results ${id}`] : [`resume ${id}`, `status ${id}`]));
    return exitCodes.ok;
  });
}

/** The experiment goes on without them, and without what needs them. */
async function cancelSome(
  context: Context,
  client: Client,
  store: ResultsStore,
  id: string,
  match: string,
): Promise<ExitCode> {
  const rows = await matchRuns(store, id, match);
  const running = (await workflowStatus(client, id)) === 'RUNNING';
  const keys = rows.filter(({ state }) => state !== 'done').map(({ run }) => run.key);
  if (running) {
    const inHand = await store.cancelRuns(id, keys);
    await cancelInBatches(client, id, inHand);
    await wakeBatches(client, id);
  }
  const runs = running ? keys.length : 0;
  if (context.json) printJson(context, { id, runs });
  const count = `${runs} run${runs === 1 ? '' : 's'} of ${id}`;
  context.say(running ? `cancelling ${count}` : `${id} does not run: there is nothing to cancel`);
  context.next(`status ${id}`, `resume ${id}`);
  return exitCodes.ok;
}

/** False when there was nothing to stop. */
async function stop(context: Context, client: Client, id: string): Promise<boolean> {
  if ((await workflowStatus(client, id)) !== 'RUNNING') return false;
  await experimentHandle(client, id).cancel();
  context.say(`cancelling ${id}; running runs stop at their next step`);
  await warnWithoutWorker(context, client);
  while ((await workflowStatus(client, id)) === 'RUNNING') await sleep(pollMs);
  return true;
}
