/** Which task queues a worker polls. */
import type { Client } from '@temporalio/client';
import { taskQueues, type QueueName } from '../../experiment/records/temporal-names.js';

/** Temporal remembers a poller for minutes; one that lives asks again within this time. */
const silentMs = 70_000;
/** A control worker takes workflows, the others activities. */
const taskTypes: Readonly<Record<QueueName, 1 | 2>> = { control: 1, gpu: 2, cpu: 2 };

export async function isPolled(client: Client, queue: QueueName, now: Date): Promise<boolean> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueues[queue] },
    taskQueueType: taskTypes[queue],
  });
  return (pollers ?? []).some(({ lastAccessTime }) => {
    const seconds = Number(lastAccessTime?.seconds ?? 0);
    return now.getTime() - seconds * 1000 < silentMs;
  });
}
