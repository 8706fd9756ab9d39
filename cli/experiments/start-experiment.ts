/** Registers an experiment and starts its workflow, or joins the one that runs; in this order, so that nothing is left half-written. */
import type { Client } from '@temporalio/client';
import { UserError } from '../../experiment/errors.js';
import type { Plan } from '../../experiment/plan/plan.js';
import type { Again } from '../../experiment/records/workflow-records.js';
import { workflowType } from '../../experiment/records/temporal-names.js';
import { startOptions } from '../../experiment/plan/start-options.js';
import { searchAttributePairs } from '../connections/search-attributes.js';
import type { ResultsStore } from '../../stores/results/results-store.js';
import type { Context } from '../terminal/context.js';
import { isPolled } from '../connections/task-queues.js';
import { workflowStatus } from '../connections/temporal.js';

/** `joined`: it was running already. The client is connected before anything is written. */
export async function startExperiment(
  client: Client,
  store: ResultsStore,
  plan: Plan,
  again: Again = 'all',
): Promise<'started' | 'joined'> {
  const running = (await workflowStatus(client, plan.id)) === 'RUNNING';
  if (!running) await store.registerExperiment(plan);
  try {
    const typedSearchAttributes = await searchAttributePairs(client, plan);
    await client.workflow.start(workflowType, {
      ...startOptions(plan, again),
      typedSearchAttributes,
    });
  } catch (cause) {
    if (!running) await store.setExperimentState(plan.id, 'interrupted');
    throw new UserError('dependency-down', `Temporal did not take ${plan.id}`, {
      cause,
      hint: './isthmus doctor',
    });
  }
  return running ? 'joined' : 'started';
}

/** Without a worker an experiment waits in its queue, for ever if need be. */
export async function warnWithoutWorker(context: Context, client: Client): Promise<void> {
  if (await isPolled(client, 'control', new Date())) return;
  context.say('no worker is listening; the runs wait until one does (./isthmus up starts one)');
}
