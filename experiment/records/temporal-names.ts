/** Names in Temporal: workflow type and ids, task queues, queries and signals. */

export const workflowType = 'experiment';
export const progressQuery = 'progress';
/** From a batch to its experiment: it takes no more runs. */
export const restSignal = 'rest';
/** From a batch to its experiment: a `BatchReport`. */
export const reportSignal = 'report';
/** From an experiment to its batches: one of them was terminated. */
export const lostSignal = 'lost';
/** To a batch: the database has changed, since runs were unpaused or cancelled. */
export const wakeSignal = 'wake';
/** To a batch: cancel these runs, by key, if they are in flight. */
export const cancelRunsSignal = 'cancel-runs';

/** One deployment per Temporal namespace, so the queues need no prefix. */
export const taskQueues = {
  control: 'isthmus-control',
  gpu: 'isthmus-gpu',
  cpu: 'isthmus-cpu',
} as const;
export type QueueName = keyof typeof taskQueues;
export const queueNames = Object.keys(taskQueues) as readonly QueueName[];

export function experimentWorkflowId(experiment: string): string {
  return `experiment/${experiment}`;
}

/** Another execution of the same experiment has batches of its own. */
export function batchWorkflowId(workflowId: string, runId: string, batch: number): string {
  return `${workflowId}/batch/${batch}/${runId.slice(0, 8)}`;
}

/** To find workflows by; a cluster without them works too. */
export const searchAttributes = {
  IsthmusExperiment: 'Keyword',
  IsthmusDataset: 'Keyword',
  IsthmusModel: 'Keyword',
  /** Kinds of its runs. */
  IsthmusKinds: 'KeywordList',
} as const;
export type SearchAttribute = keyof typeof searchAttributes;
