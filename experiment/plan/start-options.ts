/** Options to start a planned experiment's workflow: id, queue, input and search attributes. */
import {
  taskQueues,
  experimentWorkflowId,
  type SearchAttribute,
} from '../records/temporal-names.js';
import type { Again, ExperimentInput } from '../records/workflow-records.js';
import { modelTitle } from '../catalogue/models/index.js';
import { describeDataset } from '../catalogue/own-dataset.js';
import type { Plan } from './plan.js';

export function searchValues(plan: Plan): Readonly<Record<SearchAttribute, readonly string[]>> {
  return {
    IsthmusExperiment: [plan.id],
    IsthmusDataset: [describeDataset(plan.config.dataset).name],
    IsthmusModel: [modelTitle(plan.config.model)],
    IsthmusKinds: [...new Set(plan.runs.map(({ spec }) => spec.kind))],
  };
}

/** For `client.workflow.start(workflowType, startOptions(plan))`, which joins a running experiment. */
export function startOptions(plan: Plan, again: Again = 'all') {
  const { dataset, model, execution, description } = plan.config;
  return {
    workflowId: experimentWorkflowId(plan.id),
    taskQueue: taskQueues.control,
    args: [experimentInput(plan, again)] as [ExperimentInput],
    // Activities and batches inherit it: experiments of one priority take turns.
    priority: { priorityKey: execution.priority ?? 3, fairnessKey: plan.id },
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    staticSummary: `${plan.name}: ${plan.runs.length} runs, ${modelTitle(model)} on ${describeDataset(dataset).name}`,
    ...(description === '' ? {} : { staticDetails: description }),
    memo: { experiment: plan.id, signature: plan.signature },
  } as const;
}

/** Failed runs that are not retried must not trigger the stop rule. */
function experimentInput({ id, config: { execution } }: Plan, again: Again): ExperimentInput {
  const { concurrency, maxFailures, failFast } = execution;
  const input = { experiment: id, concurrency };
  if (again === 'unfinished') return { ...input, again };
  if (maxFailures === undefined && failFast === undefined) return input;
  return { ...input, stop: { maxFailures, failFast } };
}
