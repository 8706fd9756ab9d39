/** Tries database work again while the database is away, for about five minutes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../experiment/errors.js';
import { StaleAttemptError } from '../stores/results-store.js';

const retryDelaysMs = [500, 1000, 2000, 4000, 8000, 15_000, 30_000, 60_000, 60_000, 120_000];

export async function patiently<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (const delayMs of retryDelaysMs) {
    try {
      return await work();
    } catch (error) {
      if (isFinal(error) || signal.aborted) throw error;
      await sleep(delayMs, undefined, { signal });
    }
  }
  return work();
}

function isFinal(error: unknown): boolean {
  if (error instanceof StaleAttemptError) return true;
  return error instanceof UserError && error.kind !== 'dependency-down';
}
