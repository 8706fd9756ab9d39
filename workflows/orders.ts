/** Decides which runs share an activity. */
import type { TakenRun } from '../experiment/records/workflow-records.js';
import { ordersAtOnce, runsPerOrder } from './options.js';

/**
 * A run for an engine has one of its own. Those small enough for the worker itself share, once there are so many that
 * every worker gets some all the same: an activity costs the server more than such a run costs the worker.
 */
export function inOrders(runs: readonly TakenRun[]): readonly (readonly TakenRun[])[] {
  const small = runs.filter(({ queue }) => queue === 'cpu');
  const size = Math.max(1, Math.min(runsPerOrder, Math.ceil(small.length / ordersAtOnce)));
  const orders = runs.filter(({ queue }) => queue !== 'cpu').map((run) => [run]);
  for (let i = 0; i < small.length; i += size) orders.push(small.slice(i, i + size));
  return orders;
}
