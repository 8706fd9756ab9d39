/** Claims the next attempt of one run, or waits for the one that has it in hand; gathers what it needs. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure, log } from '@temporalio/activity';
import type { RunInput } from '../experiment/records/records.js';
import type { PlannedRun, RunKey } from '../experiment/records/runs.js';
import type { Claim, Claimant, ResultsStore } from '../stores/results/results-store.js';
import { FailedRunError } from '../engine/failures.js';

export type ClaimedRun = Extract<Claim, { state: 'claimed' }>;

const intervalMs = 1000;

/** Nothing is claimed: the run is done, by whomever, or is handed back to wait for a person or for another worker. */
export type Unclaimed = 'done' | 'returned';

/**
 * Waits while another attempt is at work. Another's failure is this one's too: computing it again would end the same way.
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
      log.warn('handed back: this worker computes another version of it', { run: key, ...claim });
      return 'returned';
    }
    if (claim.state === 'failed') throw new SharedFailure(claim.failure);
    if (!told) log.info('another attempt is at work on this run', { run: key, epoch: claim.epoch });
    await sleep(intervalMs, undefined, { signal });
    const [row] = await results.findRuns([key]);
    if (row?.state === 'failed' && row.failure) throw new SharedFailure(row.failure);
  }
}

/** The run has failed in the hands of another attempt, whose row says so already. */
export class SharedFailure extends FailedRunError {
  asApplicationFailure(): ApplicationFailure {
    return ApplicationFailure.nonRetryable(this.failure.message, this.failure.type);
  }
}

/** What is not there is a failure of this attempt, and its row will say so. */
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
