/** Claims the next attempt of a run, or waits for another one that is running; collects the inputs. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure, log } from '@temporalio/activity';
import type { RunInput } from '../experiment/records/records.js';
import type { PlannedRun, RunKey } from '../experiment/records/runs.js';
import type { Claim, Claimant, ResultsStore } from '../stores/results/results-store.js';
import { FailedRunError } from '../engine/failures.js';

export type ClaimedRun = Extract<Claim, { state: 'claimed' }>;

const intervalMs = 1000;

/** Nothing is claimed: the run is done, or is returned because it is paused or not for this worker. */
export type Unclaimed = 'done' | 'returned';

/**
 * Waits while another attempt is running. Its failure is this one's too: a retry would end the same way.
 */
export async function claimRun(
  results: ResultsStore,
  key: RunKey,
  by: Claimant,
  signal: AbortSignal,
): Promise<ClaimedRun | Unclaimed> {
  for (let told = false; ; told = true) {
    const claim = await results.beginAttempt(key, by);
    if (claim.state === 'claimed') return claim;
    if (claim.state === 'done') return 'done';
    if (claim.state === 'paused') return 'returned';
    if (claim.state === 'refused') {
      log.warn('returned: this worker computes another version of it, or not in its precision', {
        run: key,
        ...claim,
      });
      return 'returned';
    }
    if (claim.state === 'failed') throw new SharedFailure(claim.failure);
    if (!told) log.info('another attempt of this run is running', { run: key, epoch: claim.epoch });
    await sleep(intervalMs, undefined, { signal });
    const [row] = await results.findRuns([key]);
    if (row?.state === 'failed' && row.failure) throw new SharedFailure(row.failure);
  }
}

/** Another attempt of the run has failed, and recorded it. */
export class SharedFailure extends FailedRunError {
  asApplicationFailure(): ApplicationFailure {
    return ApplicationFailure.nonRetryable(this.failure.message, this.failure.type);
  }
}

/** A missing input is a failure of this attempt. */
export async function gatherInputs(
  results: ResultsStore,
  run: PlannedRun,
): Promise<readonly RunInput[]> {
  if (run.needs.length === 0) return [];
  const rows = await results.findRuns(run.needs.map((need) => need.run));
  const byKey = new Map(rows.map((row) => [row.run.key, row]));
  return run.needs.map(({ role, run: key }) => {
    const row = byKey.get(key);
    if (row?.state === 'done') return { role, run: key, outputs: row.outputs };
    const message = `${run.name} needs run ${key}, which is ${row?.state ?? 'not in the database'}`;
    throw new FailedRunError({ type: 'bad-input', message });
  });
}
