/**
 * Training that can go on where it was stopped. Its state tensors and the number of steps decide all that
 * follows, since every draw is a function of (seed, purpose, index); the loss curve so far is kept with them.
 */
import * as tf from '@tensorflow/tfjs';
import type { OnBlock, OnCall, OnStep, Reached } from '../../numerics/optimise/descent.js';
import { parameterSize, type ParameterSpec } from '../../numerics/models/parameters.js';
import type { StoredTensor } from '../../stores/formats/tensors.js';
import type { EngineContext, NamedTensors, Restored } from './context.js';
import type { SeriesName } from '../../experiment/kinds/series.js';
import { row } from '../../experiment/records/rows.js';
import { batchLossRow, reportExcess, reportSteps, type BatchLoss } from './report-steps.js';

export interface ResumableSteps {
  /** Null: from the beginning. The state is the caller's to consume. */
  readonly from: Reached | null;
  readonly onStep: OnStep;
  readonly onCall: OnCall;
  readonly onBlock: OnBlock;
  /** The last step for which a value of the series was reported between steps; 0: none was. */
  readonly lastRecorded: (series: RecordedSeries) => number;
  /** Reports a value measured between steps; checkpoints keep it, as they do the loss curve. */
  readonly record: (series: RecordedSeries, step: number, value: number) => void;
  /** The value that was recorded last; null: none was. */
  readonly latest: (series: RecordedSeries) => number | null;
}

/** Series over steps that are measured between steps. */
const checkSeries = [
  'held_out_fgsm_accuracy',
  'held_out_pgd_accuracy',
  'grid_distance',
  'float_grid_distance',
] as const;
/** Series of an endpoint that are recorded so. */
export type RecordedSeries = SeriesName<'endpoint'>;

/** Values of one series by step. */
type Curve = [step: number, value: number][];

const lossCurve = 'loss';
const lossLargest = 'loss.largest';

/** How a training is reported. */
export interface Reporting {
  readonly series: BatchLoss;
  readonly phase: string;
  /** A loss above it is reported by itself. */
  readonly bound: number;
  /** Further series that are recorded between steps (default none). */
  readonly recorded?: readonly RecordedSeries[];
}

/** `specs` names the state's tensors, in its order. */
export async function resumableSteps(
  context: EngineContext,
  specs: readonly ParameterSpec[],
  { series, phase, bound, recorded = [] }: Reporting,
): Promise<ResumableSteps> {
  const restored = await context.checkpoints.restore();
  const losses = restored ? (storedCurve(restored, lossCurve) ?? missing(lossCurve)) : [];
  context.metrics(losses.map(([x, value]) => batchLossRow(series, x, value)));
  const checks = new Map<RecordedSeries, Curve>(
    [...checkSeries, ...recorded].map((name) => [
      name,
      (restored && storedCurve(restored, name)) ?? [],
    ]),
  );
  for (const [name, curve] of checks) {
    context.metrics(curve.map(([x, value]) => checkRow(name, x, value)));
  }
  const excess = reportExcess(context, bound, restored ? largestMetric(restored) : -Infinity);
  const onStep = reportSteps(context, series, phase, ({ x, value }) => losses.push([x, value]));
  return {
    from: restored && { step: restored.step, state: specs.map((spec) => toTensor(spec, restored)) },
    lastRecorded: (name) => Math.max(0, ...(checks.get(name) ?? []).map(([step]) => step)),
    onStep(step, total, loss) {
      excess.see(loss);
      return onStep(step, total, loss);
    },
    async onCall(step, total, read) {
      context.checkpoints.reached(step, total, () => {
        const state = read();
        const stored = toStored(specs, state, { losses, checks, largest: excess.largest() });
        tf.dispose(state);
        return stored;
      });
      await context.pause();
    },
    onBlock(step, total) {
      context.progress(step, total, phase);
      return context.pause();
    },
    record(name, step, value) {
      context.metrics([checkRow(name, step, value)]);
      checks.get(name)!.push([step, value]);
    },
    latest: (name) => checks.get(name)!.at(-1)?.[1] ?? null,
  };
}

function checkRow(series: RecordedSeries, x: number, value: number) {
  return row('endpoint', series, { x, n: 1 }, value);
}

/** Values that a training has reported so far. */
interface History {
  readonly losses: Curve;
  readonly checks: ReadonlyMap<RecordedSeries, Curve>;
  readonly largest: number;
}

function toStored(
  specs: readonly ParameterSpec[],
  state: readonly tf.Tensor[],
  { losses, checks, largest }: History,
): NamedTensors {
  const measured = [...checks].filter(([, curve]) => curve.length > 0);
  return new Map<string, StoredTensor>([
    ...specs.map(({ name, shape }, i) => {
      const data = state[i]!.dataSync<'float32'>();
      return [name, { dtype: 'F32', shape, data }] as const;
    }),
    ...columns(lossCurve, losses),
    ...measured.flatMap(([name, curve]) => columns(name, curve)),
    [lossLargest, { dtype: 'F64', shape: [1], data: Float64Array.of(largest) }],
  ]);
}

function columns(name: string, curve: Curve): readonly (readonly [string, StoredTensor])[] {
  return (['step', 'value'] as const).map((part, i) => {
    const data = Float64Array.from(curve, (point) => point[i]!);
    return [`${name}.${part}`, { dtype: 'F64', shape: [curve.length], data }];
  });
}

function toTensor(spec: ParameterSpec, { tensors }: Restored): tf.Tensor {
  const data = tensors.get(spec.name)?.data;
  if (data instanceof Float32Array && data.length === parameterSize(spec)) {
    return tf.tensor(data, [...spec.shape], 'float32');
  }
  throw new Error(`the checkpoint holds no ${spec.name} of ${parameterSize(spec)} values`);
}

/** Null: the checkpoint has none of this name. */
function storedCurve({ tensors }: Restored, name: string): Curve | null {
  const [steps, values] = ['step', 'value'].map((part) => tensors.get(`${name}.${part}`)?.data);
  if (steps instanceof Float64Array && values instanceof Float64Array) {
    return Array.from(steps, (step, i) => [step, values[i]!]);
  }
  return null;
}

function missing(name: string): never {
  throw new Error(`the checkpoint holds no ${name} curve`);
}

/** Checkpoints from before it was kept have none. */
function largestMetric({ tensors }: Restored): number {
  const data = tensors.get(lossLargest)?.data;
  return data instanceof Float64Array ? data[0]! : -Infinity;
}
