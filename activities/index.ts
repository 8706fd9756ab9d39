/** The activities of both kinds of task queue, bound to what they need. */
import type { ResultsStore } from '../stores/results-store.js';
import { createCloseExperiment } from './close-experiment.js';
import { createExecuteRun, type RunDependencies } from './execute-run.js';
import { createOpenExperiment } from './open-experiment.js';
import type { ControlActivities, RunActivities } from './types.js';

export type { RunDependencies } from './execute-run.js';

export function createControlActivities(results: ResultsStore): ControlActivities {
  return {
    openExperiment: createOpenExperiment(results),
    closeExperiment: createCloseExperiment(results),
  };
}

export function createRunActivities(deps: RunDependencies): RunActivities {
  return { executeRun: createExecuteRun(deps) };
}
