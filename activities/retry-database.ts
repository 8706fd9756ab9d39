/** Retries database work for as long as the database is unreachable, and a few times after other failures. */
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../experiment/errors.js';
import { StaleAttemptError } from '../stores/results/results-store.js';
import { FailedRunError } from '../engine/failures.js';

/** The last delay repeats: computed results are worth waiting for. */
const retryDelaysMs = [250, 500, 1000, 2000, 4000];
/** Deadlocks and the like are transient; a query that fails this often is not. */
const maxOtherFailures = 5;

/** Gives up an outage only when the signal is aborted. */
export async function retryDatabase<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  let others = 0;
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (isFinal(error) || signal.aborted) throw error;
      if (!isOutage(error) && ++others >= maxOtherFailures) throw error;
    }
    await sleep(retryDelaysMs[Math.min(attempt, retryDelaysMs.length - 1)], undefined, { signal });
  }
}

function isOutage(error: unknown): boolean {
  return error instanceof UserError && error.kind === 'dependency-down';
}

function isFinal(error: unknown): boolean {
  if (error instanceof StaleAttemptError || error instanceof FailedRunError) return true;
  return error instanceof UserError && error.kind !== 'dependency-down';
}
