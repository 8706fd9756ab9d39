/** A namespace of one test file's own on the running Temporal. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';

/** Of its own, so that no worker of another test takes its tasks. The server needs a moment to know it. */
export async function createNamespace(
  { workflowService }: Connection,
  namespace: string,
): Promise<void> {
  const day = { seconds: 86_400 } as never;
  await workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: day });
  for (let i = 0; i < 150; i++) {
    try {
      await workflowService.listOpenWorkflowExecutions({ namespace });
      await workflowService.describeTaskQueue({
        ...{ namespace, taskQueue: { name: 'isthmus-control' }, taskQueueType: 1 },
      });
      return;
    } catch {
      await sleep(200);
    }
  }
  throw new Error(`Temporal does not know the namespace ${namespace}`);
}
