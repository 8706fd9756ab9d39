/** What each step of a training is fed: the images of its batch, their weights, the learning rate, and the like. */
import * as tf from '@tensorflow/tfjs';
import type { TrainingRecipe } from '../../experiment/runs.js';
import { batchCount } from '../data/batches.js';
import { permutation, stream } from '../random.js';
import { halfLinear } from './schedule.js';

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

export interface StepPlan {
  readonly recipe: TrainingRecipe;
  readonly data: { readonly count: number };
  readonly seed: number;
  readonly perStep: (step: number, total: number) => readonly Fed[];
}

/**
 * Step `i` as a function of `i` alone: every draw comes from (seed, purpose, index), so a training
 * may begin anywhere. A short last batch is padded, or with `exactBatches` as short as it is.
 */
export function stepSchedule(
  { recipe, data, seed, perStep }: StepPlan,
  exactBatches: boolean,
): (index: number) => PlannedStep {
  const perEpoch = batchCount(data.count, recipe.batchSize);
  const total = recipe.epochs * perEpoch;
  const orderOf = remembered((epoch) => permutation(stream(seed, 'shuffle', epoch), data.count));
  return (index) => {
    const order = orderOf(Math.floor(index / perEpoch));
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

/** Keeps the last two values: steps of one call may be of two epochs. */
function remembered(make: (epoch: number) => Int32Array): (epoch: number) => Int32Array {
  const known = new Map<number, Int32Array>();
  return (epoch) => {
    const found = known.get(epoch) ?? make(epoch);
    known.delete(epoch - 2);
    known.set(epoch, found);
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
