/** Groups runs into activities. */
import type { TakenRun } from '../experiment/records/workflow-records.js';
import { runsPerActivity, smallActivitiesAtOnce } from './options.js';

/**
 * A run on the gpu queue gets an activity of its own. Small ones share, once there are so many that every worker still
 * gets some: an activity costs the server more than such a run costs the worker.
 */
export function groupRuns(runs: readonly TakenRun[]): readonly (readonly TakenRun[])[] {
  const small = runs.filter(({ queue }) => queue === 'cpu');
  const share = Math.ceil(small.length / smallActivitiesAtOnce);
  const size = Math.max(1, Math.min(runsPerActivity, share));
  const groups = runs.filter(({ queue }) => queue !== 'cpu').map((run) => [run]);
  for (let i = 0; i < small.length; i += size) groups.push(small.slice(i, i + size));
  return groups;
}
