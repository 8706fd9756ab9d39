/** The loop that endpoints and curves share: batches in seeded order, one compiled step after another. */
import * as tf from '@tensorflow/tfjs';
import type { TrainingRecipe } from '../../experiment/runs.js';
import { batchAt, batchCount, batchSizes, type IndexBatch } from '../data/batches.js';
import { gathering, type ResidentData } from '../data/resident.js';
import { compileBySize, type BySize } from '../graph/by-size.js';
import type { TensorFunction } from '../graph/capture.js';
import { compile, type CompiledFunction, type GraphHost } from '../graph/compile.js';
import type { Model } from '../models/model.js';
import { permutation, stream } from '../random.js';
import { DivergedError } from './diverged.js';
import { halfLinear } from './schedule.js';

/** Called after every step with its loss; may pause the loop, or end it by throwing. */
export type OnStep = (step: number, total: number, loss: number) => void | Promise<void>;

export interface Descent {
  readonly model: Model;
  readonly recipe: TrainingRecipe;
  readonly data: ResidentData;
  readonly seed: number;
  /**
   * One step as a function of (…arranged state, images, labels, weights, learning rate, …perStep);
   * its outputs are the new state and the loss.
   */
  readonly step: TensorFunction;
  /** The state as the step takes it, where that has more inputs, such as fixed ends. */
  readonly arrange?: (state: readonly tf.Tensor[]) => readonly tf.Tensor[];
  /** Inputs after the batch that change from step to step; disposed of after it. */
  readonly perStep: (step: number, total: number) => tf.Tensor[];
  readonly onStep: OnStep;
}

/** Compiles the step and takes all steps from the given state, which it consumes; returns the last state. */
export async function descend(
  host: GraphHost,
  initial: readonly tf.Tensor[],
  descent: Descent,
): Promise<tf.Tensor[]> {
  const { model, recipe, data } = descent;
  // Batch norm would see the padding of a short last batch.
  const exactBatches = model.statistics !== undefined;
  let steps: BySize;
  try {
    const sizes = batchSizes(data.count, recipe.batchSize, exactBatches);
    steps = compileBySize(sizes, (size) => compileStep(host, initial, descent, size));
  } catch (error) {
    tf.dispose([...initial]);
    throw error;
  }
  try {
    return await takeSteps(steps, initial, descent, exactBatches);
  } finally {
    steps.dispose();
  }
}

function compileStep(
  host: GraphHost,
  initial: readonly tf.Tensor[],
  { data, step, arrange = same, perStep }: Descent,
  batchSize: number,
): CompiledFunction {
  const state = arrange(initial);
  const examples = tf.tidy(() => [
    tf.zeros([batchSize], 'int32'),
    tf.ones([batchSize]),
    tf.scalar(0),
    ...perStep(0, 1),
  ]);
  try {
    const gathered = gathering(state.length, data.classes, step);
    return compile(host, gathered, [...state, data.pixels, data.labels, ...examples]);
  } finally {
    tf.dispose(examples);
  }
}

function same(state: readonly tf.Tensor[]): readonly tf.Tensor[] {
  return state;
}

async function takeSteps(
  steps: BySize,
  initial: readonly tf.Tensor[],
  descent: Descent,
  exactBatches: boolean,
): Promise<tf.Tensor[]> {
  const { recipe, data } = descent;
  const perEpoch = batchCount(data.count, recipe.batchSize);
  const total = recipe.epochs * perEpoch;
  let state = [...initial];
  let order: Int32Array = new Int32Array();
  try {
    for (let i = 0; i < total; i++) {
      if (i % perEpoch === 0) {
        const epoch = i / perEpoch;
        order = permutation(stream(descent.seed, 'shuffle', epoch), data.count);
      }
      const from = (i % perEpoch) * recipe.batchSize;
      const left = exactBatches ? data.count - from : recipe.batchSize;
      const size = Math.min(recipe.batchSize, left);
      const batch = batchAt(order, from, size);
      const loss = (state = advance(steps.at(size), state, batch, descent, i, total)).pop()!;
      const value = loss.dataSync()[0]!;
      loss.dispose();
      await descent.onStep(i + 1, total, value);
      if (!Number.isFinite(value)) throw new DivergedError(i + 1, value);
    }
    return state;
  } catch (error) {
    tf.dispose(state);
    throw error;
  }
}

function advance(
  step: CompiledFunction,
  state: tf.Tensor[],
  batch: IndexBatch,
  descent: Descent,
  index: number,
  total: number,
): tf.Tensor[] {
  const extra = [
    tf.scalar(descent.recipe.learningRate * halfLinear(index, total)),
    ...descent.perStep(index, total),
  ];
  const { arrange = same, data } = descent;
  const before = arrange(state);
  const { pixels, labels } = data;
  const next = step(...before, pixels, labels, batch.indices, batch.weights, ...extra);
  batch.dispose();
  tf.dispose(extra);
  tf.dispose(state);
  return next;
}
