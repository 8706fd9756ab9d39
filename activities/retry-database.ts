/** Tries database work again for as long as the database is away, and a few times when it fails in another way. */
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../experiment/errors.js';
import { StaleAttemptError } from '../stores/results/results-store.js';
import { FailedRunError } from '../engine/failures.js';

/** The last one is repeated: what an attempt has computed is worth waiting for. */
const retryDelaysMs = [250, 500, 1000, 2000, 4000];
/** Deadlocks and the like pass; a query that fails this often always will. */
const maxOtherFailures = 5;

/** Ends early only with the signal. */
export async function patiently<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
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
