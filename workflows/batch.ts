/** One batch of an experiment: takes runs whose needs are met and has them executed, until its history is long. */
import {
  ApplicationFailure,
  CancellationScope,
  condition,
  defineQuery,
  defineSignal,
  getExternalWorkflowHandle,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { ControlActivities } from '../activities/types.js';
import { lostSignal, progressQuery, restSignal } from '../experiment/records/temporal-names.js';
import type * as records from '../experiment/records/workflow-records.js';
import { createBatchProgress, type BatchProgress } from './batch-progress.js';
import * as options from './options.js';
import { startReports } from './reports.js';

const { takeRuns } = proxyActivities<ControlActivities>(options.control('take runs'));

export async function batch(input: records.BatchInput): Promise<records.BatchResult> {
  const progress = createBatchProgress(input);
  const { inFlight } = progress;
  const others = new Set(input.others);
  setHandler(defineSignal<[number]>(lostSignal), (lost) => void others.delete(lost));
  setHandler(defineQuery<records.BatchProgress>(progressQuery), () => ({
    inFlight: [...inFlight.runs.values()].map(({ name }) => ({ name })),
    ended: inFlight.counts.ended,
  }));
  const reports = input.reports ? startReports(progress.version, progress.report) : null;
  let rest = false;
  let returned = 0;
  try {
    rest = await takeUntilLong(input, progress, others);
    ({ returned } = inFlight.counts);
    if (rest) await signalRest(input.batch);
  } finally {
    await inFlight.drained();
  }
  reports?.cancel();
  const { counts, failures } = inFlight;
  return {
    rest,
    ...(counts.returned > returned ? { returned: true } : {}),
    ...(failures.length > 0 ? { failures } : {}),
  };
}

/** True when the next batch is to take the waiting runs; false when none waits. */
async function takeUntilLong(
  { experiment, batch: number, limits, stop, concurrency }: records.BatchInput,
  { inFlight, take }: BatchProgress,
  others: ReadonlySet<number>,
): Promise<boolean> {
  const { runs, counts } = inFlight;
  const window = Math.min(concurrency, options.maxPendingRuns);
  const pollInterval = createPollInterval();
  let [taken, elsewhere] = [0, 0];
  for (;;) {
    const { ended, returned, woken } = counts;
    const room = window - elsewhere - runs.size;
    const most = Math.max(0, Math.min(room, limits.runsPerBatch - taken));
    const known = [...runs.keys()];
    const request = { experiment, batch: number, others: [...others], known, most, stop };
    const given = await takeRuns(request);
    ({ elsewhere } = given);
    taken += given.runs.length;
    take(given);
    const stirred = (): boolean => counts.woken > woken || counts.returned > returned;
    if (!given.untaken) {
      const isOver = (): boolean => runs.size === 0 || counts.returned > returned;
      await CancellationScope.nonCancellable(() => condition(isOver));
      if (counts.returned === returned) return false;
      continue;
    }
    if (taken >= limits.runsPerBatch || isLong(runs.size, limits.eventsPerBatch)) return true;
    const idle = runs.size + elsewhere === 0 && counts.ended === ended && !stirred();
    if (idle && !given.held) throw unreachableNeeds(experiment);
    const full = given.runs.length >= most;
    const refill = full && isSmallWork(runs) ? Math.floor((window - elsewhere) / 2) : Infinity;
    const timely = (): boolean => stirred() || (counts.ended > ended && runs.size <= refill);
    if (idle) await condition(timely, given.againMs ?? options.heldPollMs);
    else if (elsewhere === 0 && given.againMs !== undefined) await condition(timely, given.againMs);
    else if (elsewhere === 0) await condition(timely);
    else await condition(timely, pollInterval(given.runs.length > 0));
  }
}

/** Small runs end by the hundred: a request for each one's successor would cost more than they do. */
function isSmallWork(runs: ReadonlyMap<number, records.TakenRun>): boolean {
  for (const { queue } of runs.values()) if (queue !== 'cpu') return false;
  return true;
}

/** Runs in flight have yet to write their events. */
function isLong(running: number, eventsPerBatch: number): boolean {
  const { historyLength } = workflowInfo();
  return historyLength + options.eventsPerRun * running >= eventsPerBatch;
}

/** Other batches do not signal the end of their runs: this one polls, at intervals that double while it gets none. */
function createPollInterval(): (gotRuns: boolean) => number {
  let waitMs: number = options.pollMs.first;
  return (gotRuns) => {
    waitMs = gotRuns ? options.pollMs.first : Math.min(2 * waitMs, options.pollMs.last);
    return waitMs;
  };
}

async function signalRest(batchNumber: number): Promise<void> {
  const { parent } = workflowInfo();
  if (parent === undefined) return;
  await getExternalWorkflowHandle(parent.workflowId).signal(restSignal, batchNumber);
}

function unreachableNeeds(experiment: string): ApplicationFailure {
  const message = `${experiment} has runs that need results which none of its runs computes`;
  return ApplicationFailure.nonRetryable(message, 'bad-input');
}
