/** `ls`: the experiments, newest first; from Temporal's list when the results database is down. */
import type { ResultsReader } from '../../stores/results/results-store.js';
import { loadSettings, type Settings } from '../../settings/settings.js';
import { experimentWorkflowId, workflowType } from '../../experiment/records/temporal-names.js';
import { attempt } from '../connections/if-reachable.js';
import { printJson, type Context } from '../terminal/context.js';
import { exitCodes, type ExitCode } from '../terminal/exit-codes.js';
import { newestFirst } from '../experiments/find-experiment.js';
import { describeCounts, paintState } from '../status/states.js';
import { withReader } from '../connections/reader.js';
import { textTable } from '../terminal/tables.js';

interface Listed {
  readonly id: string;
  readonly state: string;
  readonly runs: Readonly<Record<string, number>>;
  readonly createdAt: Date;
}

export async function ls(context: Context): Promise<ExitCode> {
  const settings = loadSettings(context.env);
  const asked = await attempt(() => withReader(settings, listFromStore));
  const source = asked.ok ? 'results database' : 'Temporal';
  const listed = asked.ok ? asked.value : await listFromTemporal(settings);
  if (context.json) printJson(context, { source, experiments: listed });
  else if (listed.length > 0) context.print(listText(listed));
  if (!asked.ok) context.say(`from Temporal only: ${asked.reason}`);
  if (listed.length === 0) context.say('no experiments yet');
  context.next(...(listed[0] ? [`status ${listed[0].id}`] : ['run mnist-quick']));
  return exitCodes.ok;
}

async function listFromStore(store: ResultsReader): Promise<readonly Listed[]> {
  const experiments = newestFirst(await store.listExperiments());
  const counts = await store.countStates(experiments.map(({ id }) => id));
  return experiments.map(({ id, state, createdAt }) => ({
    ...{ id, state, createdAt },
    runs: counts.get(id) ?? {},
  }));
}

async function listFromTemporal({ temporal }: Settings): Promise<readonly Listed[]> {
  const { withTemporal } = await import('../connections/temporal.js');
  return withTemporal(temporal, async (client) => {
    const listed: Listed[] = [];
    for await (const workflow of client.workflow.list({
      query: `WorkflowType = '${workflowType}' AND ExecutionStatus != 'ContinuedAsNew'`,
    })) {
      const id = workflow.workflowId.slice(experimentWorkflowId('').length);
      const state = workflow.status.name.toLowerCase();
      listed.push({ id, state, runs: {}, createdAt: workflow.startTime });
    }
    return listed;
  });
}

function listText(listed: readonly Listed[]): string {
  const rows = listed.map(({ id, state, runs, createdAt }) => [
    id,
    paintState(state),
    describeCounts(runs),
    createdAt.toISOString().slice(0, 16).replace('T', ' '),
  ]);
  return textTable(['experiment', 'state', 'runs', 'created (UTC)'], rows, () => false);
}
