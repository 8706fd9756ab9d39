/** Status of an experiment from Temporal alone, while the results database is unreachable. */
import type { Client } from '@temporalio/client';
import { UserError } from '../../experiment/errors.js';
import { progressQuery } from '../../experiment/records/temporal-names.js';
import type {
  BatchProgress,
  ExperimentProgress,
} from '../../experiment/records/workflow-records.js';
import type { Settings } from '../../settings/settings.js';
import { printJson, type Context } from '../terminal/context.js';
import { paintState } from './states.js';
import { textTable } from '../terminal/tables.js';

interface InHand {
  readonly name: string;
  readonly state: 'running';
}

/** Temporal knows the runs that its batches have in hand; the rest is the database's. */
async function runsInHand(client: Client, id: string): Promise<readonly InHand[]> {
  const { experimentHandle: handleOf } = await import('../connections/temporal.js');
  const { pendingChildren } = (await handleOf(client, id).describe()).raw;
  const batches = await Promise.all(
    (pendingChildren ?? []).map(({ workflowId }) =>
      client.workflow.getHandle(workflowId!).query<BatchProgress>(progressQuery),
    ),
  );
  return batches.flatMap(({ inFlight }) =>
    inFlight.map(({ name }) => ({ name, state: 'running' })),
  );
}

function inHandText(runs: readonly InHand[]): string {
  const rows = runs.map(({ name, state }) => [name, paintState(state)]);
  return textTable(['run', 'state'], rows, () => false);
}

/** Needs the whole id: names and prefixes are the database's. */
export async function statusFromTemporal(
  context: Context,
  { temporal }: Settings,
  id: string,
): Promise<void> {
  const {
    experimentHandle: handleOf,
    withTemporal,
    workflowStatus,
  } = await import('../connections/temporal.js');
  await withTemporal(temporal, async (client) => {
    const state = await workflowStatus(client, id);
    if (state === null) {
      const hint = 'with the database down, give the whole id; ./isthmus ls lists them';
      throw new UserError('bad-input', `Temporal knows no experiment "${id}"`, { hint });
    }
    const { phase } = await handleOf(client, id).query<ExperimentProgress>(progressQuery);
    const runs = await runsInHand(client, id);
    const sources = { database: false, temporal: true };
    if (context.json) printJson(context, { id, sources, workflow: state, phase, runs });
    else context.print(`${id}   ${state.toLowerCase()}, ${phase}\n\n${inHandText(runs)}`);
  });
}
