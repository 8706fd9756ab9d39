/** `status`: where every run stands; from the results database and Temporal, or from the one that answers. */
import { UserError } from '../../experiment/errors.js';
import { progressQuery } from '../../experiment/temporal-names.js';
import type { ExperimentProgress } from '../../experiment/workflow-records.js';
import { loadSettings, type Settings } from '../../infra/settings.js';
import { shortKey } from '../../report/numbers.js';
import type { ExperimentRow, RunRow } from '../../stores/results-store.js';
import { attempt } from '../attempt.js';
import { printJson, type Context } from '../context.js';
import { exitCodes, type ExitCode } from '../exit-codes.js';
import { findExperiment } from '../find-experiment.js';
import type { RunStep } from '../heartbeats.js';
import { runTable } from '../run-table.js';
import { countStates, describeCounts, paintState } from '../states.js';
import { withStore } from '../store.js';
import { textTable } from '../tables.js';

interface Stored {
  readonly experiment: ExperimentRow;
  readonly rows: readonly RunRow[];
}

interface Workflow {
  /** Null: Temporal knows none. */
  readonly status: string | null;
  readonly steps: ReadonlyMap<string, RunStep>;
}

export async function status(context: Context, text: string): Promise<ExitCode> {
  const settings = loadSettings(context.env);
  const stored = await attempt(() => readStored(settings, text));
  if (!stored.ok) return statusFromTemporal(context, settings, text, stored.reason);
  const { experiment } = stored.value;
  const asked = await attempt(() => readWorkflow(settings, experiment.id));
  const workflow = asked.ok ? asked.value : null;
  if (context.json) printJson(context, statusDocument(stored.value, workflow));
  else context.print(statusText(stored.value, workflow));
  if (!asked.ok) context.say(`from the results database only: ${asked.reason}`);
  const lost = experiment.state === 'running' && workflow !== null && workflow.status !== 'RUNNING';
  if (lost) context.say(`no workflow is running for ${experiment.id}: it was interrupted`);
  context.next(...nextCommands(experiment, lost));
  return exitCodes.ok;
}

function statusText({ experiment, rows }: Stored, workflow: Workflow | null): string {
  const table = runTable(rows, workflow?.steps ?? new Map(), new Date());
  const counts = describeCounts(countStates(rows.map(({ state }) => state)));
  const { id, state, signature } = experiment;
  return `${id}   ${paintState(state)}   signature ${shortKey(signature)}\n\n${table}\n\n${counts}`;
}

function nextCommands({ id, state }: ExperimentRow, lost: boolean): readonly string[] {
  if (state === 'done') return [`results ${id}`, `report ${id} -o report.html`];
  if (state === 'running' && !lost) return [`watch ${id}`, `cancel ${id}`];
  return [`resume ${id}`, `results ${id}`];
}

function readStored(settings: Settings, text: string): Promise<Stored> {
  return withStore(settings, async (store) => {
    const experiment = await findExperiment(store, text);
    return { experiment, rows: await store.runsOf(experiment.id) };
  });
}

async function readWorkflow({ temporal }: Settings, id: string): Promise<Workflow> {
  const { handleOf, withTemporal, workflowStatus } = await import('../temporal.js');
  const { runSteps } = await import('../heartbeats.js');
  return withTemporal(temporal, async (client) => {
    const known = await workflowStatus(client, id);
    if (known !== 'RUNNING') return { status: known, steps: new Map() };
    return { status: known, steps: runSteps(await handleOf(client, id).describe()) };
  });
}

function statusDocument({ experiment, rows }: Stored, workflow: Workflow | null): unknown {
  const { id, name, signature, state, createdAt, finishedAt } = experiment;
  return {
    ...{ id, name, signature, state, createdAt, finishedAt },
    sources: { database: true, temporal: workflow !== null },
    workflow: workflow?.status ?? null,
    counts: countStates(rows.map((row) => row.state)),
    runs: rows.map(({ run, ...row }) => ({
      ...{ name: run.name, kind: run.spec.kind, key: run.key },
      ...{ state: row.state, epoch: row.epoch, failure: row.failure, reason: row.reason },
      ...{ startedAt: row.startedAt, finishedAt: row.finishedAt },
      ...{ outputs: row.outputs, environment: row.environment },
      ...workflow?.steps.get(run.key),
    })),
  };
}

/** Needs the whole id: names and prefixes are the database's. */
async function statusFromTemporal(
  context: Context,
  { temporal }: Settings,
  id: string,
  reason: string,
): Promise<ExitCode> {
  const { handleOf, withTemporal, workflowStatus } = await import('../temporal.js');
  await withTemporal(temporal, async (client) => {
    const state = await workflowStatus(client, id);
    if (state === null) {
      const hint = 'with the database down, give the whole id; ./isthmus ls lists them';
      throw new UserError('bad-input', `Temporal knows no experiment "${id}"`, { hint });
    }
    const progress = await handleOf(client, id).query<ExperimentProgress>(progressQuery);
    const rows = progress.runs.map((run) => [run.name, paintState(run.state)]);
    if (context.json) {
      printJson(context, {
        id,
        sources: { database: false, temporal: true },
        workflow: state,
        ...progress,
      });
    } else {
      context.print(
        `${id}   ${state.toLowerCase()}\n\n${textTable(['run', 'state'], rows, () => false)}`,
      );
    }
  });
  context.say(`from Temporal only: ${reason}`);
  context.next('doctor', `status ${id}`);
  return exitCodes.ok;
}
