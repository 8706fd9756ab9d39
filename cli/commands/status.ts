/** `status`: where every run stands; from the results database and Temporal, or from the one that answers. */
import type { Client } from '@temporalio/client';
import { UserError } from '../../experiment/errors.js';
import { progressQuery } from '../../experiment/temporal-names.js';
import type { BatchProgress, ExperimentProgress } from '../../experiment/workflow-records.js';
import { loadSettings, type Settings } from '../../infra/settings.js';
import { shortKey } from '../../report/numbers.js';
import type { ExperimentRow, RunRow, StateCounts } from '../../stores/results-store.js';
import { attempt } from '../attempt.js';
import { printJson, type Context } from '../context.js';
import { exitCodes, type ExitCode } from '../exit-codes.js';
import { findExperiment } from '../find-experiment.js';
import type { RunStep } from '../heartbeats.js';
import { runTable } from '../run-table.js';
import { describeCounts, paintState, totalOf } from '../states.js';
import { withStore } from '../store.js';
import { textTable } from '../tables.js';

interface Stored {
  readonly experiment: ExperimentRow;
  /** For people no more than they read: those at work and failed first. */
  readonly rows: readonly RunRow[];
  readonly counts: StateCounts;
}

/** More are not read in a terminal; programs are given all. */
const rowsShown = 50;

interface Workflow {
  /** Null: Temporal knows none. */
  readonly status: string | null;
  readonly steps: ReadonlyMap<string, RunStep>;
}

export async function status(context: Context, text: string): Promise<ExitCode> {
  const settings = loadSettings(context.env);
  const stored = await attempt(() =>
    readStored(settings, text, context.json ? undefined : rowsShown),
  );
  if (!stored.ok) return statusFromTemporal(context, settings, text, stored.reason);
  const { experiment } = stored.value;
  const ask = context.json || knowsMore(stored.value, new Date());
  const asked = ask
    ? await attempt(() => readWorkflow(settings, experiment.id))
    : ({ ok: true, value: null } as const);
  const workflow = asked.ok ? asked.value : null;
  if (context.json) printJson(context, statusDocument(stored.value, workflow));
  else context.print(statusText(stored.value, workflow));
  if (!asked.ok) context.say(`from the results database only: ${asked.reason}`);
  const lost = experiment.state === 'running' && workflow !== null && workflow.status !== 'RUNNING';
  if (lost) context.say(`no workflow is running for ${experiment.id}: it was interrupted`);
  context.next(...nextCommands(stored.value, lost));
  return exitCodes.ok;
}

/** A run that began or ended so lately shows that its experiment is alive. */
const recentMs = 10_000;

/** Temporal's client takes longer to load than all the rest: steps and signs of life are what it is asked for. */
function knowsMore({ experiment, rows }: Stored, now: Date): boolean {
  if (experiment.state !== 'running') return false;
  if (rows.some(({ state, run }) => state === 'running' && run.queue === 'gpu')) return true;
  const recent = (at: Date | null): boolean =>
    at !== null && Math.abs(now.getTime() - at.getTime()) < recentMs;
  return !rows.some(({ startedAt, finishedAt }) => recent(startedAt) || recent(finishedAt));
}

function statusText({ experiment, rows, counts }: Stored, workflow: Workflow | null): string {
  const table = runTable(rows, workflow?.steps ?? new Map(), new Date());
  const { id, state, signature } = experiment;
  const hidden = totalOf(counts) - rows.length;
  const more = hidden > 0 ? `\n… and ${hidden} more (--json)` : '';
  const head = `${id}   ${paintState(state)}   signature ${shortKey(signature)}`;
  return `${head}\n\n${table}${more}\n\n${describeCounts(counts)}`;
}

function nextCommands(
  { experiment: { id, state }, counts }: Stored,
  lost: boolean,
): readonly string[] {
  if (state === 'done') return [`results ${id}`, `report ${id} -o report.html`];
  if (state === 'running' && !lost) return [`watch ${id}`, `cancel ${id}`];
  const failed = (counts['failed'] ?? 0) > 0 ? [`retry ${id}`] : [];
  const open = Object.keys(counts).some((one) => goesOn.has(one)) ? [`resume ${id}`] : [];
  return [...open, ...failed, `results ${id}`];
}

/** What `resume` goes on with. */
const goesOn = new Set(['queued', 'running', 'interrupted', 'cancelled']);

function readStored(settings: Settings, text: string, most?: number): Promise<Stored> {
  return withStore(settings, async (store) => {
    const experiment = await findExperiment(store, text);
    const { id } = experiment;
    const [rows, counts] = await Promise.all([store.runsOf(id, most), store.countStates([id])]);
    return { experiment, rows, counts: counts.get(id) ?? {} };
  });
}

async function readWorkflow({ temporal }: Settings, id: string): Promise<Workflow> {
  const { describeWorkflow, withTemporal } = await import('../temporal.js');
  const { readWork } = await import('../heartbeats.js');
  return withTemporal(temporal, async (client) => {
    const found = await describeWorkflow(client, id);
    if (found === null) return { status: null, steps: new Map() };
    const { steps } = await readWork(client, found.description);
    return { status: found.status, steps };
  });
}

function statusDocument({ experiment, rows, counts }: Stored, workflow: Workflow | null): unknown {
  const { id, name, signature, state, createdAt, finishedAt } = experiment;
  return {
    ...{ id, name, signature, state, createdAt, finishedAt },
    sources: { database: true, temporal: workflow !== null },
    workflow: workflow?.status ?? null,
    counts,
    runs: rows.map(({ run, ...row }) => ({
      ...{ name: run.name, kind: run.spec.kind, key: run.key },
      ...{ state: row.state, epoch: row.epoch, failure: row.failure, reason: row.reason },
      ...{ startedAt: row.startedAt, finishedAt: row.finishedAt },
      ...{ outputs: row.outputs, environment: row.environment, checkpoint: row.checkpoint },
      ...workflow?.steps.get(run.key),
    })),
  };
}

interface InHand {
  readonly name: string;
  readonly state: 'running';
}

/** Temporal knows the runs that its batches have in hand; the rest is the database's. */
async function runsInHand(client: Client, id: string): Promise<readonly InHand[]> {
  const { handleOf } = await import('../temporal.js');
  const { pendingChildren } = (await handleOf(client, id).describe()).raw;
  const batches = await Promise.all(
    (pendingChildren ?? []).map(({ workflowId }) =>
      client.workflow.getHandle(workflowId!).query<BatchProgress>(progressQuery),
    ),
  );
  return batches.flatMap(({ inHand }) => inHand.map(({ name }) => ({ name, state: 'running' })));
}

function inHandText(runs: readonly InHand[]): string {
  const rows = runs.map(({ name, state }) => [name, paintState(state)]);
  return textTable(['run', 'state'], rows, () => false);
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
    const { phase } = await handleOf(client, id).query<ExperimentProgress>(progressQuery);
    const runs = await runsInHand(client, id);
    const sources = { database: false, temporal: true };
    if (context.json) printJson(context, { id, sources, workflow: state, phase, runs });
    else context.print(`${id}   ${state.toLowerCase()}, ${phase}\n\n${inHandText(runs)}`);
  });
  context.say(`from Temporal only: ${reason}`);
  context.next('doctor', `status ${id}`);
  return exitCodes.ok;
}
