/** Named time-outs, limits and retry policies of the workflows. */
import type { ActivityOptions } from '@temporalio/workflow';
import type { FailureType } from '../experiment/records/records.js';
import { taskQueues } from '../experiment/records/temporal-names.js';
import type { Limits, TakenRun } from '../experiment/records/workflow-records.js';

/** The server refuses 2,000 pending activities and the workflow then hangs; 500 leaves it responsive. */
export const maxPendingRuns = 500;

/** A history of more than 4,096 events is slow to load and replay: these stay well below. */
export const defaultLimits: Limits = {
  /** A batch that has taken so many takes no more; the next one goes on beside what it still has in hand. */
  runsPerBatch: 500,
  eventsPerBatch: 3600,
  /** It grows by some 16 events a batch; then the experiment continues as new. */
  eventsPerExperiment: 3600,
};
/** Scheduled, started, completed and a workflow task for each, at worst. */
export const eventsPerRun = 6;

/** Runs that share an activity, where there are many small ones. */
export const runsPerOrder = 20;
export const ordersAtOnce = 8;

/** How long a batch waits before it asks again whether others have ended what it waits for. */
export const pollMs = { first: 500, last: 15_000 } as const;
/** How often a batch all of whose runs are paused asks again, should a word to it be lost. */
export const heldPollMs = 60_000;
/** So many batches may be terminated by hand before the experiment gives up. */
export const maxLostBatches = 20;

/** Trying again would end the same way. */
const finalFailures: readonly FailureType[] = ['bad-input', 'diverged', 'not-reached'];

/**
 * The attempts are many because preemptions and outages use them up too;
 * `execute-runs` itself gives up after `maxEngineFailures` failures of the engine.
 */
export function runs([first, ...rest]: readonly TakenRun[]): ActivityOptions {
  const { queue, summary } = first!;
  return {
    taskQueue: taskQueues[queue],
    summary: rest.length === 0 ? summary : `${summary} and ${rest.length} more`,
    startToCloseTimeout: '7 days',
    heartbeatTimeout: '10 seconds',
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    retry: {
      maximumAttempts: 20,
      initialInterval: '1 second',
      backoffCoefficient: 2,
      maximumInterval: '1 minute',
      nonRetryableErrorTypes: [...finalFailures],
    },
    allowEagerDispatch: false,
  };
}

/** Short database work, tried until the database is there. */
export function control(summary: string): ActivityOptions {
  return {
    taskQueue: taskQueues.control,
    summary,
    startToCloseTimeout: '2 minutes',
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    retry: {
      initialInterval: '1 second',
      backoffCoefficient: 2,
      maximumInterval: '30 seconds',
      nonRetryableErrorTypes: [...finalFailures],
    },
  };
}
