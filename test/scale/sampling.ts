/** Watches an experiment at work: how many runs have ended, what is pending, how large the processes are. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import type { ResultsStore } from '../../stores/results/results-store.js';
import { residentBytes } from '../../worker/resident-size.js';
import type { Ended } from '../cli/isthmus.js';

export interface Sample {
  readonly seconds: number;
  readonly ended: number;
  /** Activities that one workflow had pending. */
  readonly pending: number;
  readonly workerMb: number;
  readonly serverMb: number;
}

export interface Watched {
  readonly samples: readonly Sample[];
  readonly statusMs: readonly number[];
}

export interface Watching {
  readonly client: Client;
  readonly store: ResultsStore;
  readonly experiment: string;
  readonly workerPid: number;
  readonly serverPid: number;
  readonly askStatus: () => Promise<Ended>;
}

const everyMs = 1000;
/** Asking for the status is work too: of ten samples one. */
const samplesPerStatus = 10;

export async function watchUntil(done: Promise<unknown>, watching: Watching): Promise<Watched> {
  const [samples, statusMs]: [Sample[], number[]] = [[], []];
  const began = performance.now();
  let over = false;
  void done.finally(() => (over = true)).catch(() => undefined);
  while (!over) {
    samples.push(await sample(watching, (performance.now() - began) / 1000));
    if (samples.length % samplesPerStatus === 3) {
      const { code, ms, stderr } = await watching.askStatus();
      if (code !== 0) throw new Error(`status ended with ${code}: ${stderr}`);
      statusMs.push(ms);
    }
    await sleep(everyMs);
  }
  await done;
  return { samples, statusMs };
}

async function sample(
  { client, store, experiment, workerPid, serverPid }: Watching,
  seconds: number,
): Promise<Sample> {
  const counts = (await store.countStates([experiment])).get(experiment) ?? {};
  const batches = await batchesOf(client, client.workflow.getHandle(`experiment/${experiment}`));
  const pending = await Promise.all(
    batches.map(async (batch) => (await batch.describe()).raw.pendingActivities?.length ?? 0),
  );
  return {
    seconds,
    ended: (counts['done'] ?? 0) + (counts['failed'] ?? 0) + (counts['blocked'] ?? 0),
    pending: Math.max(0, ...pending),
    workerMb: residentBytes(workerPid) / 2 ** 20,
    serverMb: residentBytes(serverPid) / 2 ** 20,
  };
}

async function batchesOf(client: Client, root: WorkflowHandle): Promise<readonly WorkflowHandle[]> {
  const { pendingChildren } = (await root.describe()).raw;
  return (pendingChildren ?? []).map(({ workflowId }) => client.workflow.getHandle(workflowId!));
}

/** Between a tenth and nine tenths of the runs: without start and end. */
export function steadyRate(samples: readonly Sample[], runs: number): number {
  const inside = samples.filter(({ ended }) => ended >= 0.1 * runs && ended <= 0.9 * runs);
  const [first, last] = [inside[0], inside.at(-1)];
  if (!first || !last || first === last) return NaN;
  return (last.ended - first.ended) / (last.seconds - first.seconds);
}

/** Events of every workflow that this experiment had, longest first; visibility lags behind by a moment. */
export async function historyLengths(
  client: Client,
  experiment: string,
  batches: number,
): Promise<readonly number[]> {
  for (;;) {
    const lengths: number[] = [];
    const query = `WorkflowId STARTS_WITH 'experiment/${experiment}' AND ExecutionStatus != 'Running'`;
    for await (const { historyLength } of client.workflow.list({ query })) {
      lengths.push(historyLength ?? 0);
    }
    if (lengths.length > batches) return lengths.sort((a, b) => b - a);
    await sleep(200);
  }
}
