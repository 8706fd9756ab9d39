/** Refuses inputs that would hang the workflow or grow its history beyond use. */
import { ApplicationFailure } from '@temporalio/workflow';
import type { RunKey } from '../experiment/runs.js';
import type { ExperimentInput } from '../experiment/workflow-records.js';
import { maxRunsPerWorkflow } from './options.js';

export function checkInput({ experiment, runs }: ExperimentInput): void {
  if (runs.length > maxRunsPerWorkflow) {
    throw refusal(
      `${experiment} has ${runs.length} runs, more than ${maxRunsPerWorkflow}: split the experiment`,
    );
  }
  const earlier = new Set<RunKey>();
  for (const run of runs) {
    const missing = run.needs.find((key) => !earlier.has(key));
    if (missing !== undefined) {
      throw refusal(`${run.name} needs ${missing}, which no earlier run computes`);
    }
    earlier.add(run.key);
  }
}

function refusal(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'bad-input');
}
