/** Status of an experiment: from the results database, and from Temporal where that knows more. */
import type { WorkQueue } from '../../experiment/records/runs.js';
import type { Settings } from '../../settings/settings.js';
import type {
  ExperimentRow,
  ResultsReader,
  RunRow,
  StateCounts,
} from '../../stores/results/results-store.js';
import { attempt } from '../connections/if-reachable.js';
import { findExperiment } from '../experiments/find-experiment.js';
import type { RunStep } from './heartbeats.js';
import { estimateTime, type TimeEstimate } from './time-estimate.js';
import { runStatus, type StatusContext } from './run-status.js';
import { unservedQueues } from './unserved-queues.js';
import { countStates } from './states.js';

export interface Status {
  readonly experiment: ExperimentRow;
  /** As many as were asked for: those first that are at work, failed or stale. */
  readonly rows: readonly RunRow[];
  readonly counts: StateCounts;
  readonly around: StatusContext;
  readonly estimate: TimeEstimate;
  /** Null: not asked, or it knows no such workflow. */
  readonly workflow: string | null;
  readonly temporal: 'asked' | 'not asked' | { readonly away: string };
  /** It should be running, and no workflow is. */
  readonly lost: boolean;
}

interface Stored {
  readonly experiment: ExperimentRow;
  readonly rows: readonly RunRow[];
  readonly counts: StateCounts;
  readonly stale: StatusContext['stale'];
}

const unasked = { steps: new Map<string, RunStep>(), idle: new Set<WorkQueue>() };

/** All rows if `most` is left out; then Temporal is asked in any case. */
export async function readStatus(
  settings: Settings,
  store: ResultsReader,
  text: string,
  most?: number,
): Promise<Status> {
  const stored = await readStored(store, text, most);
  const { experiment, rows, counts, stale } = stored;
  const now = new Date();
  const asks = most === undefined || knowsMore(stored, now);
  const asked = asks ? await attempt(() => readWorkflow(settings, store, stored, now)) : null;
  const workflow = asked?.ok ? asked.value : null;
  const running = experiment.state === 'running';
  const lost = running && workflow !== null && workflow.status !== 'RUNNING';
  const { steps, idle } = workflow ?? unasked;
  const around = { experiment: experiment.id, live: running && !lost, steps, idle, stale };
  return {
    ...{ experiment, rows, counts, around, lost },
    estimate: await estimateTime(store, { experiment: experiment.id, counts, rows, steps }, now),
    workflow: workflow?.status ?? null,
    temporal: asked === null ? 'not asked' : asked.ok ? 'asked' : { away: asked.reason },
  };
}

async function readStored(store: ResultsReader, text: string, most?: number): Promise<Stored> {
  const experiment = await findExperiment(store, text);
  const { id } = experiment;
  const [rows, counts] = await Promise.all([store.runsOf(id, most), store.countStates([id])]);
  const plain = { experiment, rows, counts: counts.get(id) ?? {}, stale: new Map() };
  // What runs was planned by whoever started it; planning anew is for what is kept.
  if (experiment.state === 'running') return plain;
  const { staleRuns } = await import('./stale-runs.js');
  let all = rows;
  const stale = await staleRuns(experiment, async () => (all = await store.runsOf(id)));
  return stale.size === 0 ? plain : withStale({ ...plain, rows: all, stale }, most);
}

function withStale(stored: Stored, most = Infinity): Stored {
  const { experiment, rows, stale } = stored;
  const around = {
    experiment: experiment.id,
    live: false,
    steps: new Map(),
    idle: new Set<never>(),
  };
  const counts = countStates(rows.map((row) => runStatus(row, { ...around, stale }).state));
  const shown = new Set([...rows].sort((a, b) => rank(a, stale) - rank(b, stale)).slice(0, most));
  return { ...stored, counts, rows: rows.filter((row) => shown.has(row)) };
}

function rank({ state, run }: RunRow, stale: StatusContext['stale']): number {
  return state === 'failed' || stale.has(run.key) ? 0 : 1;
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

interface Workflow {
  /** Null: Temporal knows none. */
  readonly status: string | null;
  readonly steps: ReadonlyMap<string, RunStep>;
  readonly idle: ReadonlySet<WorkQueue>;
}

async function readWorkflow(
  { temporal }: Settings,
  store: ResultsReader,
  { experiment, rows }: Stored,
  now: Date,
): Promise<Workflow> {
  const { describeWorkflow, withTemporal } = await import('../connections/temporal.js');
  const { readWork } = await import('./heartbeats.js');
  const { isPolled } = await import('../connections/task-queues.js');
  return withTemporal(temporal, async (client) => {
    const found = await describeWorkflow(client, experiment.id);
    if (found === null) return { status: null, steps: new Map(), idle: new Set() };
    const idle = new Set<WorkQueue>();
    for (const queue of unservedQueues(rows, await store.workedQueues()))
      if (!(await isPolled(client, queue, now))) idle.add(queue);
    const { steps } = await readWork(client, found.description);
    return { status: found.status, steps, idle };
  });
}
