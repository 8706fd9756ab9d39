/** What each step of a training is fed: the images of its batch, their weights, the learning rate, and the like. */
import * as tf from '@tensorflow/tfjs';
import type { TrainingRecipe } from '../../experiment/runs.js';
import { batchCount } from '../data/batches.js';
import { permutation, stream } from '../random.js';
import { halfLinear } from './schedule.js';
import { seedAt, type Seeding } from './seeds.js';

/** A value on its way into a graph. */
export interface Fed {
  readonly dtype: 'float32' | 'int32';
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

export function scalarFed(value: number): Fed {
  return { dtype: 'float32', shape: [], values: [value] };
}

export function vectorFed(values: ArrayLike<number>, dtype: Fed['dtype'] = 'float32'): Fed {
  return { dtype, shape: [values.length], values };
}

export interface PlannedStep {
  /** Images of the batch, padding included. */
  readonly size: number;
  readonly fed: readonly Fed[];
}

export interface StepPlan extends Seeding {
  readonly recipe: TrainingRecipe;
  readonly data: { readonly count: number };
  readonly perStep: (step: number, total: number) => readonly Fed[];
}

/**
 * Step `i` as a function of `i` alone: every draw comes from (seed, purpose, index), so a training
 * may begin anywhere. A short last batch is padded, or with `exactBatches` as short as it is.
 */
export function stepSchedule(
  { recipe, data, perStep, ...seeding }: StepPlan,
  exactBatches: boolean,
): (index: number) => PlannedStep {
  const perEpoch = batchCount(data.count, recipe.batchSize);
  const total = recipe.epochs * perEpoch;
  const orderOf = remembered((seed, epoch) =>
    permutation(stream(seed, 'shuffle', epoch), data.count),
  );
  return (index) => {
    const order = orderOf(seedAt(seeding, index), Math.floor(index / perEpoch));
    const from = (index % perEpoch) * recipe.batchSize;
    const part = order.subarray(from, from + recipe.batchSize);
    const size = exactBatches ? part.length : recipe.batchSize;
    const indices = new Int32Array(size);
    indices.set(part);
    const weights = new Float32Array(size).fill(1, 0, part.length);
    const learningRate = recipe.learningRate * halfLinear(index, total);
    const batch = [vectorFed(indices, 'int32'), vectorFed(weights), scalarFed(learningRate)];
    return { size, fed: [...batch, ...perStep(index, total)] };
  };
}

type OrderOf = (seed: number, epoch: number) => Int32Array;

/** Keeps the last two values: steps of one call may be of two epochs. */
function remembered(make: OrderOf): OrderOf {
  const known = new Map<string, Int32Array>();
  return (seed, epoch) => {
    const key = `${seed}/${epoch}`;
    const found = known.get(key) ?? make(seed, epoch);
    known.delete(key);
    known.set(key, found);
    for (const oldest of [...known.keys()].slice(0, -2)) known.delete(oldest);
    return found;
  };
}

/** The i-th values of all steps as one tensor [steps, …shape]; the caller disposes of them. */
export function fedTensors(steps: readonly (readonly Fed[])[]): tf.Tensor[] {
  const [first = []] = steps;
  return first.map(({ dtype, shape }, i) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const stacked = new (dtype === 'int32' ? Int32Array : Float32Array)(steps.length * size);
    steps.forEach((fed, k) => stacked.set(fed[i]!.values, k * size));
    return tf.tensor(stacked, [steps.length, ...shape], dtype);
  });
}
