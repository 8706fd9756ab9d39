/** The batches of one experiment: the next begins when the one before it takes no more runs. */
import {
  CancellationScope,
  ChildWorkflowFailure,
  condition,
  defineSignal,
  setHandler,
  startChild,
  TerminatedFailure,
  workflowInfo,
  type ChildWorkflowHandle,
} from '@temporalio/workflow';
import { batchIdOf, lostSignal, restSignal } from '../experiment/records/temporal-names.js';
import type { ExperimentInput } from '../experiment/records/workflow-records.js';
import type { batch } from './batch.js';
import { defaultLimits, maxLostBatches } from './options.js';

export interface Batches {
  /** Those with runs in hand. */
  open(): readonly number[];
  /** Null when every run has ended; or the batch to go on with, when `mayGoOn` said no and all had let go. */
  run(mayGoOn: () => boolean): Promise<number | null>;
}

export function createBatches(input: ExperimentInput): Batches {
  const { experiment, concurrency, batch: first = 1, limits = defaultLimits, stop } = input;
  const open = new Map<number, ChildWorkflowHandle<typeof batch>>();
  const resting = new Set<number>();
  let [lost, returned] = [0, 0];
  const failures: unknown[] = [];
  setHandler(defineSignal<[number]>(restSignal), (number) => void resting.add(number));

  const start = async (number: number): Promise<void> => {
    const { workflowId, firstExecutionRunId, typedSearchAttributes } = workflowInfo();
    const child = await startChild<typeof batch>('batch', {
      workflowId: batchIdOf(workflowId, firstExecutionRunId, number),
      args: [{ experiment, concurrency, batch: number, limits, others: [...open.keys()], stop }],
      staticSummary: `${experiment}: batch ${number}`,
      typedSearchAttributes,
      cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    });
    open.set(number, child);
    void child.result().then(
      (result) => {
        open.delete(number);
        if (result.returned) returned++;
      },
      (error: unknown) => {
        open.delete(number);
        if (isTermination(error) && lost < maxLostBatches) void tellLost(number);
        else failures.push(error);
      },
    );
  };
  /** What a terminated batch had in hand is taken back by the one that takes runs. */
  const tellLost = async (number: number): Promise<void> => {
    lost++;
    const tell = [...open.values()].map((child) => child.signal(lostSignal, number));
    await Promise.allSettled(tell);
  };

  const run = async (mayGoOn: () => boolean): Promise<number | null> => {
    for (let number = first; ; number++) {
      const [lostBefore, returnedBefore] = [lost, returned];
      await start(number);
      await condition(() => resting.has(number) || !open.has(number) || failures.length > 0);
      if (failures.length > 0) throw failures[0];
      if (resting.has(number) && mayGoOn()) continue;
      await condition(() => open.size === 0 || failures.length > 0);
      if (failures.length > 0) throw failures[0];
      const left = lost > lostBefore || returned > returnedBefore;
      if (!resting.has(number) && !left) return null;
      if (!mayGoOn()) return number + 1;
    }
  };
  return {
    open: () => [...open.keys()],
    run: (mayGoOn) =>
      settled(
        () => run(mayGoOn),
        () => open.size === 0,
      ),
  };
}

function isTermination(error: unknown): boolean {
  return error instanceof ChildWorkflowFailure && error.cause instanceof TerminatedFailure;
}

/** A batch that was cancelled by hand cancels its experiment; either way all batches let go before this ends. */
async function settled<T>(work: () => Promise<T>, letGo: () => boolean): Promise<T> {
  const scope = new CancellationScope();
  try {
    return await scope.run(work);
  } catch (error) {
    scope.cancel();
    await CancellationScope.nonCancellable(() => condition(letGo));
    throw error;
  }
}
