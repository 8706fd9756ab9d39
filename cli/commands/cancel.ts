/** `cancel`: stops an experiment and waits until every run has let go; what is done stays. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { loadSettings } from '../../infra/settings.js';
import { printJson, type Context } from '../context.js';
import { exitCodes, type ExitCode } from '../exit-codes.js';
import { findExperiment } from '../find-experiment.js';
import { warnWithoutWorker } from '../start-experiment.js';
import { withStore } from '../store.js';
import { handleOf, withTemporal, workflowStatus } from '../temporal.js';

const pollMs = 250;

export async function cancel(context: Context, text: string): Promise<ExitCode> {
  const settings = loadSettings(context.env);
  return withStore(settings, async (store) => {
    const { id, state } = await findExperiment(store, text);
    const cancelled = await withTemporal(settings.temporal, (client) => stop(context, client, id));
    const now = cancelled ? await findExperiment(store, id) : { state };
    if (context.json) printJson(context, { id, state: now.state });
    context.say(cancelled ? `${id} is ${now.state}` : `${id} does not run; it is ${state}`);
    context.next(...(now.state === 'done' ? [`results ${id}`] : [`resume ${id}`, `status ${id}`]));
    return exitCodes.ok;
  });
}

/** False when there was nothing to stop. */
async function stop(context: Context, client: Client, id: string): Promise<boolean> {
  if ((await workflowStatus(client, id)) !== 'RUNNING') return false;
  await handleOf(client, id).cancel();
  context.say(`cancelling ${id}; running runs stop at their next step`);
  await warnWithoutWorker(context, client);
  while ((await workflowStatus(client, id)) === 'RUNNING') await sleep(pollMs);
  return true;
}
