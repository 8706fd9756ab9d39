/** One Temporal worker per task queue, with slots that equal what can really run. */
import { Worker, type NativeConnection, type WorkerOptions } from '@temporalio/worker';
import { taskQueues, type QueueName } from '../experiment/records/temporal-names.js';
import type { ControlActivities, RunActivities } from '../activities/types.js';

export interface WorkerParts {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly identity: string;
  readonly bundlePath: string;
  readonly control: ControlActivities;
  readonly runs: RunActivities;
  /** Runs on the gpu queue at once: one per engine. */
  readonly engines: number;
  /** From the stop of the worker to the end of its activities, finished or not. */
  readonly shutdownForceMs: number;
}

const controlSlots = 8;
const cpuSlots = 4;

export function createWorker(queue: QueueName, parts: WorkerParts): Promise<Worker> {
  const { connection, namespace, identity } = parts;
  const shared = {
    connection,
    namespace,
    identity,
    taskQueue: taskQueues[queue],
    shutdownGraceTime: 0,
    shutdownForceTime: parts.shutdownForceMs,
    // The default reports progress of a 10 s heartbeat timeout every 8 s only.
    maxHeartbeatThrottleInterval: '500 milliseconds',
    defaultHeartbeatThrottleInterval: '500 milliseconds',
  } as const;
  return Worker.create({ ...shared, ...workerOptions(queue, parts) });
}

function workerOptions(queue: QueueName, parts: WorkerParts): Partial<WorkerOptions> {
  switch (queue) {
    case 'control':
      return {
        workflowBundle: { codePath: parts.bundlePath },
        activities: parts.control,
        maxConcurrentActivityTaskExecutions: controlSlots,
        maxCachedWorkflows: 50,
        reuseV8Context: true,
      };
    case 'gpu':
      return { activities: parts.runs, maxConcurrentActivityTaskExecutions: parts.engines };
    case 'cpu':
      return { activities: parts.runs, maxConcurrentActivityTaskExecutions: cpuSlots };
    default:
      return queue satisfies never;
  }
}
