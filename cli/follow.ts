/** Follows a running experiment to its end: the runs from the database, the steps and the end from Temporal. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { UserError } from '../experiment/errors.js';
import type { ResultsStore, RunRow } from '../stores/results-store.js';
import { attempt } from './attempt.js';
import { runSteps, type RunStep } from './heartbeats.js';
import { handleOf } from './temporal.js';

export interface Snapshot {
  readonly rows: readonly RunRow[];
  /** By run key. */
  readonly steps: ReadonlyMap<string, RunStep>;
}

export interface Progress {
  show(snapshot: Snapshot, now: Date): void;
  note(text: string): void;
  end(): void;
}

export type FollowEnd = 'settled' | 'detached';

const pollMs = 500;

/** A database that is away for a while is told once; the experiment does not need this command. */
export async function follow(
  client: Client,
  store: ResultsStore,
  experiment: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<FollowEnd> {
  const handle = handleOf(client, experiment);
  let away = false;
  try {
    for (;;) {
      const description = await asking(() => handle.describe());
      const rows = await attempt(() => store.runsOf(experiment));
      if (rows.ok) progress.show({ rows: rows.value, steps: runSteps(description) }, new Date());
      else if (!away) progress.note(`${rows.reason}; still watching`);
      away = !rows.ok;
      if (description.status.name !== 'RUNNING') return 'settled';
      if (!(await pause(signal))) return 'detached';
    }
  } finally {
    progress.end();
  }
}

async function asking<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    throw new UserError('dependency-down', 'Temporal stopped answering', {
      cause,
      hint: './isthmus up, then ./isthmus watch again; nothing is lost',
    });
  }
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
