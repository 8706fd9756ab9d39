/** One batch of an experiment: takes runs whose needs are there and has them carried out, until its history is long. */
import {
  ApplicationFailure,
  condition,
  defineQuery,
  defineSignal,
  getExternalWorkflowHandle,
  isCancellation,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { ControlActivities, RunActivities } from '../activities/types.js';
import { lostSignal, progressQuery, restSignal } from '../experiment/temporal-names.js';
import type * as records from '../experiment/workflow-records.js';
import { failureOf } from './failure.js';
import * as options from './options.js';
import { inOrders } from './orders.js';

const { takeRuns } = proxyActivities<ControlActivities>(options.control('take runs'));
const { settleRun } = proxyActivities<ControlActivities>(options.control('settle a run'));

export async function batch(input: records.BatchInput): Promise<records.BatchResult> {
  const { experiment, limits } = input;
  const inHand = new Map<number, records.TakenRun>();
  const working: Promise<void>[] = [];
  const others = new Set(input.others);
  let ended = 0;
  setHandler(defineSignal<[number]>(lostSignal), (lost) => void others.delete(lost));
  setHandler(defineQuery<records.BatchProgress>(progressQuery), () => ({
    inHand: [...inHand.values()].map(({ name }) => ({ name })),
    ended,
  }));

  const carryOut = async (runs: readonly records.TakenRun[]): Promise<void> => {
    await execute(experiment, runs);
    for (const { position } of runs) inHand.delete(position);
    ended += runs.length;
  };
  const window = Math.min(input.concurrency, options.maxPendingRuns);
  const patience = createPatience();
  let [taken, elsewhere, rest] = [0, 0, false];
  try {
    for (;;) {
      const before = ended;
      const room = window - elsewhere - inHand.size;
      const most = Math.max(0, Math.min(room, limits.runsPerBatch - taken));
      const known = [...inHand.keys()];
      const order = { experiment, batch: input.batch, others: [...others], known, most };
      const given = await takeRuns(order);
      ({ elsewhere } = given);
      taken += given.runs.length;
      for (const run of given.runs) inHand.set(run.position, run);
      for (const runs of inOrders(given.runs)) working.push(carryOut(runs));
      if (!given.untaken) break;
      rest = taken >= limits.runsPerBatch || isLong(inHand.size, limits.eventsPerBatch);
      if (rest) break;
      if (inHand.size + elsewhere === 0 && ended === before) throw stuck(experiment);
      const all = given.runs.length >= most;
      const refill = all && isSmallWork(inHand) ? Math.floor((window - elsewhere) / 2) : Infinity;
      const timely = (): boolean => ended > before && inHand.size <= refill;
      if (elsewhere === 0) await condition(timely);
      else await condition(timely, patience(given.runs.length > 0));
    }
    if (rest) await tellParent(input.batch);
  } finally {
    await Promise.all(working);
  }
  return { rest };
}

/** Failure is an outcome here, so that it ends these runs only; after cancellation closing settles them. */
async function execute(experiment: string, runs: readonly records.TakenRun[]): Promise<void> {
  const { executeRuns } = proxyActivities<RunActivities>(options.runs(runs));
  const settle = (run: string, failure: ReturnType<typeof failureOf>): Promise<void> =>
    settleRun({ experiment, run, state: 'failed', failure });
  try {
    const { failed } = await executeRuns({ experiment, runs: runs.map(({ key }) => key) });
    for (const { run, failure } of failed) await settle(run, failure);
  } catch (error) {
    if (isCancellation(error)) return;
    const failure = failureOf(error);
    await Promise.all(runs.map(({ key }) => settle(key, failure))).catch((cause: unknown) => {
      if (!isCancellation(cause)) throw cause;
    });
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
