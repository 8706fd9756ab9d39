/** Serves all three task queues with given activities while a test runs. */
import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { z } from 'zod';
import type { RunActivities } from '../../activities/types.js';
import {
  queueNames,
  taskQueues,
  experimentWorkflowId,
  workflowType,
} from '../../experiment/records/temporal-names.js';
import type { ExperimentInput } from '../../experiment/records/workflow-records.js';
import type { Recorded, ScriptedRun } from './scripted-activities.js';

const throttle = '50 milliseconds';

export async function serving<T>(
  env: TestWorkflowEnvironment,
  workflowBundle: WorkflowBundleWithSourceMap,
  { control, runs }: Pick<Recorded, 'control'> & { readonly runs: Partial<RunActivities> },
  test: () => Promise<T>,
): Promise<T> {
  const workers = await Promise.all(
    queueNames.map((queue) =>
      Worker.create({
        connection: env.nativeConnection,
        taskQueue: taskQueues[queue],
        activities: queue === 'control' ? control : runs,
        maxHeartbeatThrottleInterval: throttle,
        defaultHeartbeatThrottleInterval: throttle,
        ...(queue === 'control' ? { workflowBundle } : {}),
      }),
    ),
  );
  const running = Promise.all(workers.map((worker) => worker.run()));
  try {
    return await test();
  } finally {
    for (const worker of workers) worker.shutdown();
    await running;
  }
}

export function runOf(key: string, needs: readonly string[] = []): ScriptedRun {
  const activity = needs.length === 0 ? 'trainEndpoint' : 'fitCurve';
  return { key, name: `run/${key}`, queue: 'gpu', summary: `do ${key}`, activity, needs };
}

let counter = 0;

export function inputOf(concurrency = 64, limits?: ExperimentInput['limits']): ExperimentInput {
  return { experiment: `test-${counter++}`, concurrency, ...(limits ? { limits } : {}) };
}

/** Markdown at the top of a workflow's page. */
export async function detailsOf(handle: WorkflowHandle): Promise<string> {
  const metadata = await handle.query('__temporal_workflow_metadata');
  return z.object({ currentDetails: z.string() }).parse(metadata).currentDetails;
}

export function startExperiment(env: TestWorkflowEnvironment, input: ExperimentInput) {
  return env.client.workflow.start(workflowType, {
    workflowId: experimentWorkflowId(input.experiment),
    taskQueue: taskQueues.control,
    args: [input],
  });
}
