/** The loop that endpoints and curves share: batches in seeded order, one compiled step after another. */
import * as tf from '@tensorflow/tfjs';
import type { TrainingRecipe } from '../../experiment/runs.js';
import { batchAt, batchCount, type Batch } from '../data/batches.js';
import type { LabelledImages } from '../data/idx.js';
import type { CompiledFunction } from '../graph/compile.js';
import { permutation, stream } from '../random.js';
import { DivergedError } from './diverged.js';
import { halfLinear } from './schedule.js';

export interface TrainingData {
  readonly images: LabelledImages;
  readonly classes: number;
}

/** Called after every step with its loss; may pause the loop, or end it by throwing. */
export type OnStep = (step: number, total: number, loss: number) => void | Promise<void>;

export interface Descent {
  readonly recipe: TrainingRecipe;
  readonly data: TrainingData;
  readonly seed: number;
  /** The state as the step takes it, where that has more inputs, such as fixed ends. */
  readonly arrange?: (state: readonly tf.Tensor[]) => readonly tf.Tensor[];
  /** Inputs after the batch that change from step to step; disposed of after it. */
  readonly perStep: (step: number, total: number) => tf.Tensor[];
  readonly onStep: OnStep;
}

export function totalSteps(recipe: TrainingRecipe, images: number): number {
  return recipe.epochs * batchCount(images, recipe.batchSize);
}

/**
 * Runs all steps from the given state, which it consumes, and returns the last state.
 * The step function's outputs are the new state and the loss.
 */
export async function descend(
  step: CompiledFunction,
  initial: readonly tf.Tensor[],
  descent: Descent,
): Promise<tf.Tensor[]> {
  const { recipe, data } = descent;
  const perEpoch = batchCount(data.images.count, recipe.batchSize);
  const total = recipe.epochs * perEpoch;
  let state = [...initial];
  let order: Int32Array = new Int32Array();
  try {
    for (let i = 0; i < total; i++) {
      if (i % perEpoch === 0) {
        const epoch = i / perEpoch;
        order = permutation(stream(descent.seed, 'shuffle', epoch), data.images.count);
      }
      const from = (i % perEpoch) * recipe.batchSize;
      const batch = batchAt(data.images, data.classes, order, from, recipe.batchSize);
      const loss = (state = advance(step, state, batch, descent, i, total)).pop()!;
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
  batch: Batch,
  descent: Descent,
  index: number,
  total: number,
): tf.Tensor[] {
  const extra = [
    tf.scalar(descent.recipe.learningRate * halfLinear(index, total)),
    ...descent.perStep(index, total),
  ];
  const before = descent.arrange?.(state) ?? state;
  const next = step(...before, batch.images, batch.labels, batch.weights, ...extra);
  batch.dispose();
  tf.dispose(extra);
  tf.dispose(state);
  return next;
}
