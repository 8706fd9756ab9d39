/** One batch of an experiment: takes runs whose needs are there and has them carried out, until its history is long. */
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
import { createHands, type Hands } from './in-flight.js';
import * as options from './options.js';

const { takeRuns } = proxyActivities<ControlActivities>(options.control('take runs'));

export async function batch(input: records.BatchInput): Promise<records.BatchResult> {
  const { experiment } = input;
  const hands = createHands(experiment);
  const others = new Set(input.others);
  setHandler(defineSignal<[number]>(lostSignal), (lost) => void others.delete(lost));
  setHandler(defineQuery<records.BatchProgress>(progressQuery), () => ({
    inHand: [...hands.inHand.values()].map(({ name }) => ({ name })),
    ended: hands.counts.ended,
  }));
  let rest = false;
  let returned = 0;
  try {
    rest = await takeUntilLong(input, hands, others);
    ({ returned } = hands.counts);
    if (rest) await tellParent(input.batch);
  } finally {
    await hands.empty();
  }
  return { rest, ...(hands.counts.returned > returned ? { returned: true } : {}) };
}

/** True when others are to take what waits; false when nothing does. */
async function takeUntilLong(
  { experiment, batch: number, limits, stop, concurrency }: records.BatchInput,
  hands: Hands,
  others: ReadonlySet<number>,
): Promise<boolean> {
  const { inHand, counts } = hands;
  const window = Math.min(concurrency, options.maxPendingRuns);
  const patience = createPatience();
  let [taken, elsewhere] = [0, 0];
  for (;;) {
    const { ended, returned, woken } = counts;
    const room = window - elsewhere - inHand.size;
    const most = Math.max(0, Math.min(room, limits.runsPerBatch - taken));
    const known = [...inHand.keys()];
    const order = { experiment, batch: number, others: [...others], known, most, stop };
    const given = await takeRuns(order);
    ({ elsewhere } = given);
    taken += given.runs.length;
    hands.take(given.runs);
    const stirred = (): boolean => counts.woken > woken || counts.returned > returned;
    if (!given.untaken) {
      const isOver = (): boolean => inHand.size === 0 || counts.returned > returned;
      await CancellationScope.nonCancellable(() => condition(isOver));
      if (counts.returned === returned) return false;
      continue;
    }
    if (taken >= limits.runsPerBatch || isLong(inHand.size, limits.eventsPerBatch)) return true;
    const idle = inHand.size + elsewhere === 0 && counts.ended === ended && !stirred();
    if (idle && !given.held) throw stuck(experiment);
    const all = given.runs.length >= most;
    const refill = all && isSmallWork(inHand) ? Math.floor((window - elsewhere) / 2) : Infinity;
    const timely = (): boolean => stirred() || (counts.ended > ended && inHand.size <= refill);
    if (idle) await condition(timely, given.againMs ?? options.heldPollMs);
    else if (elsewhere === 0 && given.againMs !== undefined) await condition(timely, given.againMs);
    else if (elsewhere === 0) await condition(timely);
    else await condition(timely, patience(given.runs.length > 0));
  }
}

/** Small runs end by the hundred: asking for each one's successor at once would cost more than they do. */
function isSmallWork(inHand: ReadonlyMap<number, records.TakenRun>): boolean {
  for (const { queue } of inHand.values()) if (queue !== 'cpu') return false;
  return true;
}

/** What is in hand has yet to write its events. */
function isLong(inHand: number, eventsPerBatch: number): boolean {
  const { historyLength } = workflowInfo();
  return historyLength + options.eventsPerRun * inHand >= eventsPerBatch;
}

/** Other batches end their runs without a word to this one: it asks again, ever less often. */
function createPatience(): (fruitful: boolean) => number {
  let waitMs: number = options.pollMs.first;
  return (fruitful) => {
    waitMs = fruitful ? options.pollMs.first : Math.min(2 * waitMs, options.pollMs.last);
    return waitMs;
  };
}

async function tellParent(batchNumber: number): Promise<void> {
  const { parent } = workflowInfo();
  if (parent === undefined) return;
  await getExternalWorkflowHandle(parent.workflowId).signal(restSignal, batchNumber);
}

function stuck(experiment: string): ApplicationFailure {
  const message = `${experiment} has runs that wait for what none of its runs computes`;
  return ApplicationFailure.nonRetryable(message, 'bad-input');
}
