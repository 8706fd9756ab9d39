/** The runs that a batch has handed to the workers, until each has ended or is nobody's again. */
import {
  CancellationScope,
  defineSignal,
  isCancellation,
  proxyActivities,
  setHandler,
} from '@temporalio/workflow';
import type { ControlActivities, RunActivities } from '../activities/types.js';
import { cancelRunsSignal, wakeSignal } from '../experiment/records/temporal-names.js';
import type { TakenRun } from '../experiment/records/workflow-records.js';
import { failureOf } from './failure.js';
import * as options from './options.js';
import { inOrders } from './orders.js';

const { settleRun } = proxyActivities<ControlActivities>(options.control('settle a run'));

/** Numbers that only grow. */
interface Counts {
  readonly ended: number;
  /** Handed back before they had begun. */
  readonly returned: number;
  /** Words from outside. */
  readonly woken: number;
}

export interface Hands {
  /** By position in the plan. */
  readonly inHand: ReadonlyMap<number, TakenRun>;
  readonly counts: Counts;
  /** Hands them to the workers. */
  take(runs: readonly TakenRun[]): void;
  /** Resolves when every run has ended or been returned. */
  empty(): Promise<unknown>;
}

export function createHands(experiment: string): Hands {
  const inHand = new Map<number, TakenRun>();
  const counts = { ended: 0, returned: 0, woken: 0 };
  const working: Promise<void>[] = [];
  const scopes = new Map<string, CancellationScope>();
  setHandler(defineSignal(wakeSignal), () => void counts.woken++);
  setHandler(defineSignal<[string[]]>(cancelRunsSignal), (keys) => {
    for (const key of keys) scopes.get(key)?.cancel(); // one that has ended does not mind
  });

  const carryOut = async (runs: readonly TakenRun[]): Promise<void> => {
    const scope = new CancellationScope();
    // Several in one activity are over in a moment.
    if (runs.length === 1) scopes.set(runs[0]!.key, scope);
    const returned = await scope.run(() => execute(experiment, runs));
    await settleCancelled(experiment, runs, scope);
    for (const { position } of runs) inHand.delete(position);
    counts.ended += runs.length - returned;
    counts.returned += returned;
  };
  return {
    ...{ inHand, counts },
    take(runs) {
      for (const run of runs) inHand.set(run.position, run);
      for (const together of inOrders(runs)) working.push(carryOut(together));
    },
    empty: () => Promise.all(working),
  };
}

/**
 * How many of them were handed back. Failure is an outcome here, so that it ends these runs only; after cancellation
 * closing settles them.
 */
async function execute(experiment: string, runs: readonly TakenRun[]): Promise<number> {
  const { executeRuns } = proxyActivities<RunActivities>(options.runs(runs));
  const settle = (run: string, failure: ReturnType<typeof failureOf>): Promise<void> =>
    settleRun({ experiment, run, state: 'failed', failure });
  try {
    const order = { experiment, runs: runs.map(({ key }) => key) };
    const { failed, paused = [] } = await executeRuns(order);
    for (const { run, failure } of failed) await settle(run, failure);
    return paused.length;
  } catch (error) {
    if (isCancellation(error)) return 0;
    const failure = failureOf(error);
    await Promise.all(runs.map(({ key }) => settle(key, failure))).catch((cause: unknown) => {
      if (!isCancellation(cause)) throw cause;
    });
    return 0;
  }
}

/** By a person's word: the experiment goes on without them. */
async function settleCancelled(
  experiment: string,
  runs: readonly TakenRun[],
  scope: CancellationScope,
): Promise<void> {
  const { consideredCancelled: all } = CancellationScope.current();
  if (all || !scope.consideredCancelled) return;
  for (const { key } of runs) {
    await settleRun({ experiment, run: key, state: 'cancelled', failure: null });
  }
}
