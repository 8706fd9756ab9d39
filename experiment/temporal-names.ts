/** The names under which Temporal knows an experiment: workflow type and ids, task queues, signals. */
import type { Plan } from './plan.js';
import type { ExperimentInput } from './workflow-records.js';

export const workflowType = 'experiment';
export const progressQuery = 'progress';
/** A batch tells its experiment that it takes no more runs. */
export const restSignal = 'rest';
/** An experiment tells its batches that one of them was terminated. */
export const lostSignal = 'lost';

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

/** Another execution of the same experiment has batches of its own. */
export function batchIdOf(workflowId: string, runId: string, batch: number): string {
  return `${workflowId}/batch/${batch}/${runId.slice(0, 8)}`;
}

/** For people who look for a workflow; a cluster that does not know them is used without. */
export const searchAttributes = {
  IsthmusExperiment: 'Keyword',
  IsthmusDataset: 'Keyword',
  IsthmusModel: 'Keyword',
  /** Kinds of its runs. */
  IsthmusKinds: 'KeywordList',
} as const;
export type SearchAttribute = keyof typeof searchAttributes;

export function searchValues(plan: Plan): Readonly<Record<SearchAttribute, readonly string[]>> {
  return {
    IsthmusExperiment: [plan.id],
    IsthmusDataset: [plan.config.dataset],
    IsthmusModel: [plan.config.model],
    IsthmusKinds: [...new Set(plan.runs.map(({ spec }) => spec.kind))],
  };
}

/** For `client.workflow.start(workflowType, startOptions(plan))`: joins the experiment if it is running. */
export function startOptions(plan: Plan) {
  const { dataset, model, execution } = plan.config;
  return {
    workflowId: workflowIdOf(plan.id),
    taskQueue: taskQueues.control,
    args: [{ experiment: plan.id, concurrency: execution.concurrency }] as [ExperimentInput],
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    staticSummary: `${plan.name}: ${plan.runs.length} runs, ${model} on ${dataset}`,
    memo: { experiment: plan.id, signature: plan.signature },
  } as const;
}
