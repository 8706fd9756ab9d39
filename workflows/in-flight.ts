/** In-flight runs of a batch: dispatched to the workers, not yet ended or returned. */
import {
  CancellationScope,
  defineSignal,
  isCancellation,
  proxyActivities,
  setHandler,
} from '@temporalio/workflow';
import type { ControlActivities, RunActivities } from '../activities/types.js';
import { commonActivity } from '../experiment/specs/activity.js';
import type { RunFailure } from '../experiment/records/records.js';
import type { RunKey } from '../experiment/records/runs.js';
import { cancelRunsSignal, wakeSignal } from '../experiment/records/temporal-names.js';
import type { FailedRun, Problem, TakenRun } from '../experiment/records/workflow-records.js';
import { groupRuns } from './activity-groups.js';
import { listed, shortName, shortReason } from './details.js';
import { toRunFailure, isUnknownActivity } from './failure.js';
import * as options from './options.js';

const { settleRun } = proxyActivities<ControlActivities>(options.control('settle a run'));

/** Numbers that only grow. */
interface Counts {
  readonly ended: number;
  readonly failed: number;
  readonly cancelled: number;
  /** Returned before they began. */
  readonly returned: number;
  /** Wake signals. */
  readonly woken: number;
}

interface DispatchedRun extends TakenRun {
  readonly sinceMs: number;
}

export interface InFlight {
  /** By position in the plan. */
  readonly runs: ReadonlyMap<number, DispatchedRun>;
  readonly counts: Counts;
  /** The first ones, for people. */
  readonly failures: readonly Problem[];
  dispatch(runs: readonly TakenRun[]): void;
  /** Resolves when every run has ended or been returned. */
  drained(): Promise<unknown>;
}

/** How the runs of one activity ended; all others of it are done. */
interface Outcome {
  readonly failed: readonly FailedRun[];
  readonly cancelled: number;
  readonly returned: number;
}

/** `onChange` is called whenever runs have ended or been returned. */
export function createInFlight(experiment: string, onChange: () => void): InFlight {
  const inFlight = new Map<number, DispatchedRun>();
  const failures: Problem[] = [];
  const counts = { ended: 0, failed: 0, cancelled: 0, returned: 0, woken: 0 };
  const working: Promise<void>[] = [];
  const scopes = new Map<RunKey, CancellationScope>();
  setHandler(defineSignal(wakeSignal), () => void counts.woken++);
  setHandler(defineSignal<[RunKey[]]>(cancelRunsSignal), (keys) => {
    for (const key of keys) scopes.get(key)?.cancel(); // no effect on one that has ended
  });

  const complete = (runs: readonly TakenRun[], outcome: Outcome): void => {
    const { failed, cancelled, returned } = outcome;
    for (const { position } of runs) inFlight.delete(position);
    counts.ended += runs.length - returned;
    counts.failed += failed.length;
    counts.cancelled += cancelled;
    counts.returned += returned;
    const room = listed.problems - failures.length;
    failures.push(...failed.slice(0, room).map((one) => describeProblem(runs, one)));
    onChange();
  };
  const execute = async (runs: readonly TakenRun[]): Promise<void> => {
    const scope = new CancellationScope();
    // Several in one activity end within moments.
    if (runs.length === 1) scopes.set(runs[0]!.key, scope);
    const outcome = await scope.run(() => executeAndSettle(experiment, runs));
    await settleCancelled(experiment, runs, scope);
    complete(runs, outcome);
  };
  return {
    runs: inFlight,
    ...{ counts, failures },
    dispatch(runs) {
      for (const run of runs) inFlight.set(run.position, { ...run, sinceMs: Date.now() });
      for (const group of groupRuns(runs)) working.push(execute(group));
    },
    drained: () => Promise.all(working),
  };
}

/**
 * A failure ends these runs only. After cancellation of the batch, closing the experiment settles them. A worker that
 * is too old for the activity type gets the runs by the common one, and computes or returns them.
 */
async function executeAndSettle(
  experiment: string,
  runs: readonly TakenRun[],
  type = chooseActivity(runs),
): Promise<Outcome> {
  const activities = proxyActivities<RunActivities>(options.runs(runs));
  const settle = (run: RunKey, failure: RunFailure): Promise<void> =>
    settleRun({ experiment, run, state: 'failed', failure });
  try {
    const group = { experiment, runs: runs.map(({ key }) => key) };
    const { failed, paused = [] } = await activities[type]!(group);
    for (const { run, failure } of failed) await settle(run, failure);
    return { failed, cancelled: 0, returned: paused.length };
  } catch (error) {
    if (isCancellation(error)) return { failed: [], cancelled: runs.length, returned: 0 };
    if (type !== commonActivity && isUnknownActivity(error)) {
      return executeAndSettle(experiment, runs, commonActivity);
    }
    const failure = toRunFailure(error);
    await Promise.all(runs.map(({ key }) => settle(key, failure))).catch((cause: unknown) => {
      if (!isCancellation(cause)) throw cause;
    });
    return { failed: runs.map(({ key: run }) => ({ run, failure })), cancelled: 0, returned: 0 };
  }
}

function chooseActivity(runs: readonly TakenRun[]): string {
  const [type = commonActivity, ...others] = new Set(runs.map(({ activity }) => activity));
  return others.length === 0 ? type : commonActivity;
}

function describeProblem(runs: readonly TakenRun[], { run, failure }: FailedRun): Problem {
  const name = runs.find(({ key }) => key === run)?.name ?? run;
  return { name: shortName(name), why: shortReason(`${failure.type}: ${failure.message}`) };
}

/** Cancelled by a user; the experiment continues without them. */
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
