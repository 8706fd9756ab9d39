/**
 * Training that can go on where it was stopped. Its state tensors and the number of steps decide all that
 * follows, since every draw is a function of (seed, purpose, index); the loss curve so far is kept with them.
 */
import * as tf from '@tensorflow/tfjs';
import type { OnBlock, OnCall, OnStep, Reached } from '../../numerics/optimise/descent.js';
import { parameterSize, type ParameterSpec } from '../../numerics/models/parameters.js';
import type { StoredTensor } from '../../stores/formats/tensors.js';
import type { EngineContext, NamedTensors, Restored } from './context.js';
import { batchLossRow, reportExcess, reportSteps, type BatchLoss } from './report-steps.js';

export interface ResumableSteps {
  /** Null: from the beginning. The state is the caller's to consume. */
  readonly from: Reached | null;
  readonly onStep: OnStep;
  readonly onCall: OnCall;
  readonly onBlock: OnBlock;
}

const lossStep = 'loss.step';
const lossValue = 'loss.value';
const lossLargest = 'loss.largest';

/** How a training is reported. */
export interface Reporting {
  readonly series: BatchLoss;
  readonly phase: string;
  /** A loss above it is reported by itself. */
  readonly bound: number;
}

/** `specs` names the state's tensors, in its order. */
export async function resumableSteps(
  context: EngineContext,
  specs: readonly ParameterSpec[],
  { series, phase, bound }: Reporting,
): Promise<ResumableSteps> {
  const restored = await context.checkpoints.restore();
  const points = restored ? lossCurve(restored) : [];
  context.metrics(points.map(([x, value]) => batchLossRow(series, x, value)));
  const excess = reportExcess(context, bound, restored ? largestMetric(restored) : -Infinity);
  const onStep = reportSteps(context, series, phase, ({ x, value }) => points.push([x, value]));
  return {
    from: restored && { step: restored.step, state: specs.map((spec) => toTensor(spec, restored)) },
    onStep(step, total, loss) {
      excess.see(loss);
      return onStep(step, total, loss);
    },
    async onCall(step, total, read) {
      context.checkpoints.reached(step, total, () => {
        const state = read();
        const stored = toStored(specs, state, points, excess.largest());
        tf.dispose(state);
        return stored;
      });
      await context.pause();
    },
    onBlock(step, total) {
      context.progress(step, total, phase);
      return context.pause();
    },
  };
}

function toStored(
  specs: readonly ParameterSpec[],
  state: readonly tf.Tensor[],
  points: readonly (readonly [number, number])[],
  largest: number,
): NamedTensors {
  const column = (i: 0 | 1): StoredTensor => {
    return { dtype: 'F64', shape: [points.length], data: Float64Array.from(points, (p) => p[i]) };
  };
  return new Map<string, StoredTensor>([
    ...specs.map(({ name, shape }, i) => {
      const data = state[i]!.dataSync<'float32'>();
      return [name, { dtype: 'F32', shape, data }] as const;
    }),
    [lossStep, column(0)],
    [lossValue, column(1)],
    [lossLargest, { dtype: 'F64', shape: [1], data: Float64Array.of(largest) }],
  ]);
}

function toTensor(spec: ParameterSpec, { tensors }: Restored): tf.Tensor {
  const data = tensors.get(spec.name)?.data;
  if (data instanceof Float32Array && data.length === parameterSize(spec)) {
    return tf.tensor(data, [...spec.shape], 'float32');
  }
  throw new Error(`the checkpoint holds no ${spec.name} of ${parameterSize(spec)} values`);
}

function lossCurve({ tensors }: Restored): [number, number][] {
  const [steps, values] = [lossStep, lossValue].map((name) => tensors.get(name)?.data);
  if (steps instanceof Float64Array && values instanceof Float64Array) {
    return Array.from(steps, (step, i) => [step, values[i]!]);
  }
  throw new Error('the checkpoint holds no loss curve');
}

/** Checkpoints from before it was kept have none. */
function largestMetric({ tensors }: Restored): number {
  const data = tensors.get(lossLargest)?.data;
  return data instanceof Float64Array ? data[0]! : -Infinity;
}
