/** The batches of one experiment: the next one starts when the one before it takes no more runs. */
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
import { batchWorkflowId, lostSignal, restSignal } from '../experiment/records/temporal-names.js';
import type { BatchResult, ExperimentInput } from '../experiment/records/workflow-records.js';
import type { batch } from './batch.js';
import { defaultLimits, maxLostBatches } from './options.js';

export interface Batches {
  /** Numbers of those with runs in flight, ascending. */
  readonly open: () => readonly number[];
  /** Null when every run has ended; or the number of the next batch, when `mayContinue` was false and all had ended. */
  run(mayContinue: () => boolean): Promise<number | null>;
}

type BatchHandle = ChildWorkflowHandle<typeof batch>;

/** Mutable state of the batches. */
interface State {
  readonly open: Map<number, BatchHandle>;
  /** Those that take no more runs. */
  readonly resting: Set<number>;
  readonly failures: unknown[];
  /** Number of terminated ones. */
  lost: number;
  /** Number of those whose runs were returned after they had taken their last. */
  returned: number;
}

/** `onChange` is called when a batch has started, without a result, or ended. */
export function createBatches(
  input: ExperimentInput,
  onChange: (result?: BatchResult) => void,
): Batches {
  const state: State = {
    ...{ open: new Map<number, BatchHandle>(), resting: new Set<number>() },
    ...{ failures: [], lost: 0, returned: 0 },
  };
  const { open, resting } = state;
  setHandler(defineSignal<[number]>(restSignal), (number) => void resting.add(number));
  const start = async (number: number): Promise<void> => {
    const child = await startBatch(input, number, [...open.keys()]);
    open.set(number, child);
    void child.result().then(
      (result) => {
        ended(state, number, result);
        onChange(result);
      },
      (error: unknown) => {
        failed(state, number, error);
        onChange();
      },
    );
    onChange();
  };
  const first = input.batch ?? 1;
  return {
    open: () => [...open.keys()],
    run: (mayContinue) =>
      withCleanUp(
        () => runBatches(state, start, first, mayContinue),
        () => open.size === 0,
      ),
  };
}

async function runBatches(
  state: State,
  start: (number: number) => Promise<void>,
  first: number,
  mayContinue: () => boolean,
): Promise<number | null> {
  const { open, resting, failures } = state;
  for (let number = first; ; number++) {
    const { lost, returned } = state;
    await start(number);
    await condition(() => resting.has(number) || !open.has(number) || failures.length > 0);
    if (failures.length > 0) throw failures[0];
    if (resting.has(number) && mayContinue()) continue;
    await condition(() => open.size === 0 || failures.length > 0);
    if (failures.length > 0) throw failures[0];
    const remaining = state.lost > lost || state.returned > returned;
    if (!resting.has(number) && !remaining) return null;
    if (!mayContinue()) return number + 1;
  }
}

function startBatch(
  input: ExperimentInput,
  number: number,
  others: readonly number[],
): Promise<BatchHandle> {
  const { experiment, concurrency, limits = defaultLimits, stop } = input;
  const { workflowId, firstExecutionRunId, typedSearchAttributes } = workflowInfo();
  const batchInput = { experiment, concurrency, batch: number, limits, others, stop };
  return startChild<typeof batch>('batch', {
    workflowId: batchWorkflowId(workflowId, firstExecutionRunId, number),
    args: [{ ...batchInput, reports: true }],
    staticSummary: `${experiment}: batch ${number}`,
    typedSearchAttributes,
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  });
}

function ended(state: State, number: number, result: BatchResult): void {
  state.open.delete(number);
  if (result.returned) state.returned++;
}

function failed(state: State, number: number, error: unknown): void {
  state.open.delete(number);
  if (isTermination(error) && state.lost < maxLostBatches) void signalLost(state, number);
  else state.failures.push(error);
}

/** The batch that takes runs takes back those that a terminated one had in flight. */
async function signalLost(state: State, number: number): Promise<void> {
  state.lost++;
  const signals = [...state.open.values()].map((child) => child.signal(lostSignal, number));
  await Promise.allSettled(signals);
}

function isTermination(error: unknown): boolean {
  return error instanceof ChildWorkflowFailure && error.cause instanceof TerminatedFailure;
}

/** On failure or cancellation all batches are cancelled; it settles after they have ended. */
async function withCleanUp<T>(work: () => Promise<T>, isOver: () => boolean): Promise<T> {
  const scope = new CancellationScope();
  try {
    return await scope.run(work);
  } catch (error) {
    scope.cancel();
    await CancellationScope.nonCancellable(() => condition(isOver));
    throw error;
  }
}
