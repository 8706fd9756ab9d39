/** The names under which Temporal knows an experiment: workflow type and ids, task queues, signals. */

export const workflowType = 'experiment';
export const progressQuery = 'progress';
/** A batch tells its experiment that it takes no more runs. */
export const restSignal = 'rest';
/** An experiment tells its batches that one of them was terminated. */
export const lostSignal = 'lost';
/** Tells a batch that the database has news for it: runs were let go, or cancelled. */
export const wakeSignal = 'wake';
/** Tells a batch to cancel these runs, by key, if it has them in hand. */
export const cancelRunsSignal = 'cancel-runs';

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
