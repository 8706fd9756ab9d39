/** Follows a running experiment to its end: runs from the database, steps and end from Temporal. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { UserError } from '../../experiment/errors.js';
import type { ResultsStore, RunRow, StateCounts } from '../../stores/results/results-store.js';
import { attempt } from '../connections/if-reachable.js';
import { readWork } from '../status/heartbeats.js';
import type { StatusContext } from '../status/run-status.js';
import { experimentHandle } from '../connections/temporal.js';

export interface Snapshot {
  /** All runs of a small experiment; of a wide one those at work and failed, then as many more as are of use. */
  readonly rows: readonly RunRow[];
  readonly counts: StateCounts;
  readonly around: StatusContext;
}

export interface Progress {
  show(snapshot: Snapshot, now: Date): void;
  note(text: string): void;
  end(): void;
}

export type FollowEnd = 'settled' | 'detached';

const pollMs = 500;
/** Number of runs followed one by one in a wide experiment; counts cover the rest. */
const rowsFollowed = 200;

async function readRuns(store: ResultsStore, experiment: string) {
  const [rows, counts] = await Promise.all([
    store.runsOf(experiment, rowsFollowed),
    store.countStates([experiment]),
  ]);
  return { rows, counts: counts.get(experiment) ?? {} };
}

/** Time for which Temporal may be silent: busy or started again. */
const silenceMs = 30_000;

/** A server that is away for a while is told once; the experiment does not need this command. */
export async function follow(
  client: Client,
  store: ResultsStore,
  experiment: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<FollowEnd> {
  const look = () => lookOnce(client, store, experiment, progress);
  let answered = performance.now();
  let away: string | null = null;
  try {
    for (;;) {
      const looked = await attempt(look);
      if (looked.ok) answered = performance.now();
      else if (performance.now() - answered > silenceMs) throw stoppedAnswering(looked.reason);
      const reason = looked.ok ? looked.value.databaseAway : looked.reason;
      if (reason !== null && away === null) progress.note(`${reason}; still watching`);
      away = reason;
      if (looked.ok && looked.value.settled) return 'settled';
      if (!(await pause(signal))) return 'detached';
    }
  } finally {
    progress.end();
  }
}

interface Look {
  readonly settled: boolean;
  /** Why the runs could not be read. */
  readonly databaseAway: string | null;
}

async function lookOnce(
  client: Client,
  store: ResultsStore,
  experiment: string,
  progress: Progress,
): Promise<Look> {
  const description = await asking(() => experimentHandle(client, experiment).describe());
  const asked = await attempt(() => readRuns(store, experiment));
  if (asked.ok) {
    const { steps } = await asking(() => readWork(client, description));
    const around = { experiment, live: true, steps, idle: new Set<never>(), stale: new Map() };
    progress.show({ ...asked.value, around }, new Date());
  }
  const settled = description.status.name !== 'RUNNING';
  return { settled, databaseAway: asked.ok ? null : asked.reason };
}

async function asking<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    throw new UserError('dependency-down', 'Temporal does not answer', { cause });
  }
}

function stoppedAnswering(reason: string): UserError {
  return new UserError('dependency-down', `${reason} for ${silenceMs / 1000} s`, {
    hint: './isthmus up, then ./isthmus watch again; nothing is lost',
  });
}

/** False when the signal came instead. */
async function pause(signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(pollMs, undefined, { signal });
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}
