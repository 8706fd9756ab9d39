/** The activities of both kinds of task queue, bound to what they need. */
import { forEachActivityType } from '../experiment/kinds/activities.js';
import { createExecuteRuns, type RunDependencies } from './execute-runs.js';
import type { RunActivities } from './types.js';

export { createControlActivities } from './control.js';
export type { RunDependencies } from './execute-runs.js';
export { createSpoolBudget } from './spool.js';

/** One function under every activity type: the database row of a run names its kind. */
export function createRunActivities(deps: RunDependencies): RunActivities {
  const executeRuns = createExecuteRuns(deps);
  return { ...forEachActivityType(executeRuns), executeRuns };
}
