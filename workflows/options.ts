/** Timeouts, limits and retry policies of the workflows. */
import type { ActivityOptions } from '@temporalio/workflow';
import type { FailureType } from '../experiment/records/records.js';
import { taskQueues } from '../experiment/records/temporal-names.js';
import type { Limits, TakenRun } from '../experiment/records/workflow-records.js';

/** The server refuses 2,000 pending activities and the workflow then hangs; 500 leaves it responsive. */
export const maxPendingRuns = 500;

/** A history of more than 4,096 events is slow to load and replay: these stay well below. */
export const defaultLimits: Limits = {
  /** After so many a batch takes no more; the next one starts while it completes those in flight. */
  runsPerBatch: 500,
  eventsPerBatch: 3600,
  /** It grows by some 20 events a batch and 4 a report; then the experiment continues as new. */
  eventsPerExperiment: 3600,
};
/** Scheduled, started, completed and a workflow task for each, at worst. */
export const eventsPerRun = 6;

/** Small runs that share an activity, where there are many. */
export const runsPerActivity = 20;
export const smallActivitiesAtOnce = 8;

/** Interval at which a batch asks whether earlier batches have ended the runs that it waits for. */
export const pollMs = { first: 500, last: 15_000 } as const;
/** Interval at which a batch asks again while all of its runs are paused, in case a wake signal is lost. */
export const heldPollMs = 60_000;
/** Least time between two reports of a batch: some tenth of its age, since it grows by a tenth each time. */
export const reportGapMs = { first: 4000, growth: 1.1, last: 300_000 } as const;
/** Number of terminated batches after which the experiment fails. */
export const maxLostBatches = 20;

/** Failure type by which the SDK refuses an activity that a worker does not have. */
export const unknownActivity = 'NotFoundError';

/** A retry would end the same way. */
const finalFailures: readonly FailureType[] = ['bad-input', 'diverged', 'not-reached'];

/**
 * Many attempts, because preemptions and outages use them up too; `activities/execute-runs.ts` stops after
 * `maxEngineFailures` failures of the engine. An unknown activity is not retried: its runs go to one that all know.
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
      nonRetryableErrorTypes: [...finalFailures, unknownActivity],
    },
    allowEagerDispatch: false,
  };
}

/** Short database work, retried until the database answers. */
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
