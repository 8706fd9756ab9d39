/** Renews the lease of a running attempt, so that no other experiment starts the same run. */
import { log } from '@temporalio/activity';
import { StaleAttemptError, type ResultsStore } from '../stores/results/results-store.js';
import type { ClaimedRun } from './claim-run.js';

export const leaseMs = 15_000;
const renewalMs = 4000;

/** An outage of the database costs the lease, not the attempt: if another one starts, its epoch fences off this one. */
export function keepLease(
  results: ResultsStore,
  { run, epoch }: ClaimedRun,
  onLost: (error: StaleAttemptError) => void,
): { stop(): void } {
  const renew = async (): Promise<void> => {
    if (await results.renewLease(run.key, epoch, leaseMs)) return;
    onLost(new StaleAttemptError(`run ${run.name}: attempt ${epoch} is no longer the newest`));
  };
  const timer = setInterval(() => {
    renew().catch((error: unknown) => {
      log.warn('a lease was not renewed', { run: run.name, error });
    });
  }, renewalMs);
  return {
    stop() {
      clearInterval(timer);
    },
  };
}
