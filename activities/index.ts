/** The activities of both kinds of task queue, bound to what they need. */
import { createExecuteRuns, type RunDependencies } from './execute-runs.js';
import type { RunActivities } from './types.js';

export { createControlActivities } from './control.js';
export type { RunDependencies } from './execute-runs.js';
export { createSpoolBudget } from './spool.js';

export function createRunActivities(deps: RunDependencies): RunActivities {
  return { executeRuns: createExecuteRuns(deps) };
}
