/** Signals to the batch workflows of an experiment. */
import type { Client, WorkflowHandle } from '@temporalio/client';
import { cancelRunsSignal, wakeSignal } from '../../experiment/records/temporal-names.js';
import type { RunKey } from '../../experiment/records/runs.js';
import { experimentHandle } from '../connections/temporal.js';

async function findBatches(client: Client, id: string): Promise<readonly WorkflowHandle[]> {
  const { pendingChildren } = (await experimentHandle(client, id).describe()).raw;
  return (pendingChildren ?? []).map(({ workflowId }) => client.workflow.getHandle(workflowId!));
}

/** One that ends meanwhile needs no word any more. */
async function tell(
  handles: readonly WorkflowHandle[],
  send: (to: WorkflowHandle) => Promise<void>,
) {
  await Promise.allSettled(handles.map(send));
}

export async function wakeBatches(client: Client, id: string): Promise<void> {
  await tell(await findBatches(client, id), (batch) => batch.signal(wakeSignal));
}

/** A batch ignores what it does not have. */
export async function cancelInBatches(
  client: Client,
  id: string,
  keys: readonly RunKey[],
): Promise<void> {
  await tell(await findBatches(client, id), (batch) => batch.signal(cancelRunsSignal, [...keys]));
}
