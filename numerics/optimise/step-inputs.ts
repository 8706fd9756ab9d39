/** Inputs of each training step: the images of its batch, their weights, the learning rate, and the like. */
import * as tf from '@tensorflow/tfjs';
import type { TrainingRecipe } from '../../experiment/specs/training.js';
import { batchCount } from '../data/batches.js';
import { permutation, stream } from '../random.js';
import { learningRateFactor } from './schedule.js';
import { seedAt, type Seeding } from './seeds.js';

/** A host array that becomes an input tensor of a graph (TensorFlow's feed). */
export interface Feed {
  readonly dtype: 'float32' | 'int32';
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

/** A float32 scalar []. */
export function scalarFeed(value: number): Feed {
  return { dtype: 'float32', shape: [], values: [value] };
}

/** A vector [n]. */
export function vectorFeed(values: ArrayLike<number>, dtype: Feed['dtype'] = 'float32'): Feed {
  return { dtype, shape: [values.length], values };
}

/** Where an optimiser begins anew, an input of each step: 1 [] at the first step at or after each fraction, else 0 []. */
export function restartInputs(
  { optimiserRestarts: places }: TrainingRecipe,
  step: number,
  total: number,
): Feed[] {
  if (places === undefined) return [];
  const isDue = places.some((at) => step / total >= at && (step - 1) / total < at);
  return [scalarFeed(isDue ? 1 : 0)];
}

/** The inputs of one step. */
export interface PlannedStep {
  /** Images of the batch, padding included. */
  readonly size: number;
  readonly feeds: readonly Feed[];
}

/** Everything that decides the inputs of a step. */
export interface StepPlan extends Seeding {
  readonly recipe: TrainingRecipe;
  readonly data: { readonly count: number };
  readonly perStep: (step: number, total: number) => readonly Feed[];
}

/** Steps of a training: its budget in steps, or epochs times batches. */
export function stepCount({ epochs, steps, batchSize }: TrainingRecipe, count: number): number {
  return steps ?? epochs * batchCount(count, batchSize);
}

/**
 * Step `i` as a function of `i` alone: every draw comes from (seed, purpose, index), so a training may begin
 * anywhere. With a budget in epochs the last batch of each is short: padded, or with `exactBatches` as short
 * as it is. With one in steps every batch is full.
 */
export function stepSchedule(
  { recipe, data, perStep, ...seeding }: StepPlan,
  exactBatches: boolean,
): (index: number) => PlannedStep {
  const { batchSize } = recipe;
  const total = stepCount(recipe, data.count);
  const order = cached((seed, round) => permutation(stream(seed, 'shuffle', round), data.count));
  const images = recipe.steps === undefined ? inEpochs : inRounds;
  return (index) => {
    const seed = seedAt(seeding, index);
    const part = images((round) => order(seed, round), data.count, batchSize, index);
    const size = exactBatches ? part.length : batchSize;
    const indices = new Int32Array(size);
    indices.set(part);
    const weights = new Float32Array(size).fill(1, 0, part.length);
    const learningRate = recipe.learningRate * learningRateFactor(recipe.schedule, index, total);
    const batch = [vectorFeed(indices, 'int32'), vectorFeed(weights), scalarFeed(learningRate)];
    return { size, feeds: [...batch, ...perStep(index, total)] };
  };
}

type Order = (round: number) => Int32Array;
type SeededOrder = (seed: number, round: number) => Int32Array;

/** Each epoch begins with a batch of its own. */
function inEpochs(order: Order, count: number, batchSize: number, index: number): Int32Array {
  const perEpoch = batchCount(count, batchSize);
  const from = (index % perEpoch) * batchSize;
  return order(Math.floor(index / perEpoch)).subarray(from, from + batchSize);
}

/** The images in one order after the other, without a gap: a batch may hold the end of one and the next. */
function inRounds(order: Order, count: number, batchSize: number, index: number): Int32Array {
  const batch = new Int32Array(batchSize);
  for (let filled = 0; filled < batchSize;) {
    const place = index * batchSize + filled;
    const from = place % count;
    const images = order(Math.floor(place / count));
    const part = images.subarray(from, Math.min(count, from + batchSize - filled));
    batch.set(part, filled);
    filled += part.length;
  }
  return batch;
}

/** Keeps the last two values: steps of one call may be of two epochs. */
function cached(make: SeededOrder): SeededOrder {
  const known = new Map<string, Int32Array>();
  return (seed, round) => {
    const key = `${seed}/${round}`;
    const found = known.get(key) ?? make(seed, round);
    known.delete(key);
    known.set(key, found);
    for (const oldest of [...known.keys()].slice(0, -2)) known.delete(oldest);
    return found;
  };
}

/** The i-th values of all steps as one tensor [steps, …shape]; the caller disposes of them. */
export function feedTensors(steps: readonly (readonly Feed[])[]): tf.Tensor[] {
  const [first = []] = steps;
  return first.map(({ dtype, shape }, i) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const stacked = new (dtype === 'int32' ? Int32Array : Float32Array)(steps.length * size);
    steps.forEach((feeds, k) => stacked.set(feeds[i]!.values, k * size));
    return tf.tensor(stacked, [steps.length, ...shape], dtype);
  });
}
