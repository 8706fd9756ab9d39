/** Task queues of which nothing tells yet that a worker serves them. */
import type { WorkQueue } from '../../experiment/records/runs.js';
import type { RunRow } from '../../stores/results/results-store.js';

/** Queues of waiting runs; a worker with no free engine polls none, so those it computes for are left out. */
export function unservedQueues(
  rows: readonly Pick<RunRow, 'run' | 'state' | 'attemptBy'>[],
  experiment: string,
): ReadonlySet<WorkQueue> {
  const served = new Set<WorkQueue>();
  for (const { run, state, attemptBy } of rows)
    if (state === 'running' && attemptBy === experiment) served.add(run.queue);
  const waiting = rows.filter(({ state, run }) => state === 'queued' && !served.has(run.queue));
  return new Set(waiting.map(({ run }) => run.queue));
}
