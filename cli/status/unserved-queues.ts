/** Task queues of which nothing tells yet that a worker serves them. */
import type { WorkQueue } from '../../experiment/records/runs.js';
import type { RunRow } from '../../stores/results/results-store.js';

/** Queues of waiting runs; a worker with no free engine polls none, so those in which a run is at work are left out. */
export function unservedQueues(
  rows: readonly Pick<RunRow, 'run' | 'state'>[],
  worked: ReadonlySet<WorkQueue>,
): ReadonlySet<WorkQueue> {
  const waiting = rows.filter(({ state }) => state === 'queued').map(({ run }) => run.queue);
  return new Set(waiting.filter((queue) => !worked.has(queue)));
}
