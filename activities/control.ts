/** Database work of an experiment's workflow, one idempotent call each. */
import { activityInfo } from '@temporalio/activity';
import type { ResultsStore } from '../stores/results/results-store.js';
import { failActivity } from './fail-activity.js';
import type { ControlActivities } from './types.js';

export function createControlActivities(results: ResultsStore): ControlActivities {
  return {
    openExperiment: (experiment, again) =>
      failActivity(() => results.openExperiment(experiment, again, executionName())),
    takeRuns: (order) => failActivity(() => results.takeRuns(order)),
    settleRun: (settled) => failActivity(() => results.settleRun(settled)),
    closeExperiment: (experiment, cancelled) =>
      failActivity(() => results.closeExperiment(experiment, cancelled)),
  };
}

/** Run id of the workflow: each execution opens its experiment once. */
function executionName(): string | undefined {
  return activityInfo().workflowExecution?.runId;
}
