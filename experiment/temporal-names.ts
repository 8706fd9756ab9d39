/** The names under which Temporal knows an experiment: workflow type and id, task queues, query. */
import type { Plan } from './plan.js';
import type { ExperimentInput } from './workflow-records.js';

export const workflowType = 'experiment';
export const progressQuery = 'progress';

/** One deployment per Temporal namespace, so the queues need no prefix. */
export const taskQueues = {
  control: 'isthmus-control',
  gpu: 'isthmus-gpu',
  cpu: 'isthmus-cpu',
} as const;
export type QueueName = keyof typeof taskQueues;
export const queueNames = Object.keys(taskQueues) as readonly QueueName[];

export function workflowIdOf(experiment: string): string {
  return `experiment/${experiment}`;
}

/** Specifications stay in the database; the history holds what ordering needs. */
export function experimentInput(plan: Plan): ExperimentInput {
  return {
    experiment: plan.id,
    concurrency: plan.config.execution.concurrency,
    runs: plan.runs.map(({ key, name, queue, summary, needs, spec }) => ({
      key,
      name,
      queue,
      kind: spec.kind,
      summary,
      needs: needs.map((need) => need.run),
    })),
  };
}

/** For `client.workflow.start(workflowType, startOptions(plan))`: joins the experiment if it is running. */
export function startOptions(plan: Plan) {
  const { dataset, model } = plan.config;
  return {
    workflowId: workflowIdOf(plan.id),
    taskQueue: taskQueues.control,
    args: [experimentInput(plan)] as [ExperimentInput],
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    staticSummary: `${plan.name}: ${plan.runs.length} runs, ${model} on ${dataset}`,
    memo: { experiment: plan.id, signature: plan.signature },
  } as const;
}
