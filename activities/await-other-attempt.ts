/** Waits for the attempt that took a run over, so that two experiments never compute the same run in turns. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/activity';
import type { RunKey } from '../experiment/runs.js';
import type { RunReceipt } from '../experiment/workflow-records.js';
import type { ResultsStore } from '../stores/results-store.js';

const intervalMs = 2000;
/** After half an hour the other attempt is taken for lost, and the next one here takes over in turn. */
const maxPolls = 900;

export async function awaitOtherAttempt(
  results: ResultsStore,
  key: RunKey,
  signal: AbortSignal,
): Promise<RunReceipt> {
  for (let poll = 0; poll < maxPolls; poll++) {
    if (signal.aborted) throw signal.reason;
    const [row] = await results.findRuns([key]);
    if (row?.state === 'done') return { state: 'cached' };
    if (row?.state === 'failed' && row.failure) {
      throw ApplicationFailure.nonRetryable(row.failure.message, row.failure.type);
    }
    if (row?.state !== 'running') break;
    await sleep(intervalMs, undefined, { signal }).catch(() => undefined);
  }
  throw ApplicationFailure.retryable('the attempt that took over has ended too', 'dependency-down');
}
