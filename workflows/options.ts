/** Named time-outs, limits and retry policies of the experiment workflow. */
import type { ActivityOptions } from '@temporalio/workflow';
import type { FailureType } from '../experiment/records.js';
import { taskQueues } from '../experiment/temporal-names.js';
import type { WorkflowRun } from '../experiment/workflow-records.js';

/** The server refuses 2,000 pending activities and the workflow then hangs; 500 leaves it responsive. */
export const maxPendingRuns = 500;
/** About 3.3 events a run keep one history below 4,096 events, where it stays quick to load and replay. */
export const maxRunsPerWorkflow = 1000;

/** Trying again would end the same way. */
const finalFailures: readonly FailureType[] = ['bad-input', 'diverged'];

/**
 * The attempts are many because preemptions and outages use them up too;
 * `execute-run` itself gives up after `maxEngineFailures` failures of the engine.
 */
export function runOptions(run: WorkflowRun): ActivityOptions {
  return {
    taskQueue: taskQueues[run.queue],
    summary: run.summary,
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
export function controlOptions(summary: string): ActivityOptions {
  return {
    taskQueue: taskQueues.control,
    summary,
    startToCloseTimeout: '1 minute',
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    retry: {
      initialInterval: '1 second',
      backoffCoefficient: 2,
      maximumInterval: '30 seconds',
      nonRetryableErrorTypes: [...finalFailures],
    },
  };
}
