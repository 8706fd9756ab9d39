/** The database work of an experiment's workflow, one call each; any of them may be carried out twice. */
import type { ResultsStore } from '../stores/results-store.js';
import { failActivity } from './fail-activity.js';
import type { ControlActivities } from './types.js';

export function createControlActivities(results: ResultsStore): ControlActivities {
  return {
    openExperiment: (experiment) => failActivity(() => results.openExperiment(experiment)),
    takeRuns: (order) => failActivity(() => results.takeRuns(order)),
    settleRun: (settled) => failActivity(() => results.settleRun(settled)),
    closeExperiment: (experiment, cancelled) =>
      failActivity(() => results.closeExperiment(experiment, cancelled)),
  };
}
