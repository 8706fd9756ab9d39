/** The loop that endpoints and curves share: batches in seeded order, one compiled step after another. */
import * as tf from '@tensorflow/tfjs';
import type { TrainingRecipe } from '../../experiment/runs.js';
import { batchAt, batchCount, type IndexBatch } from '../data/batches.js';
import type { ResidentData } from '../data/resident.js';
import type { BySize } from '../graph/by-size.js';
import type { CompiledFunction } from '../graph/compile.js';
import { permutation, stream } from '../random.js';
import { DivergedError } from './diverged.js';
import { halfLinear } from './schedule.js';

/** Called after every step with its loss; may pause the loop, or end it by throwing. */
export type OnStep = (step: number, total: number, loss: number) => void | Promise<void>;

export interface Descent {
  readonly recipe: TrainingRecipe;
  readonly data: ResidentData;
  readonly seed: number;
  /** Whether a short last batch is left short instead of padded. */
  readonly exactBatches: boolean;
  /** The state as the step takes it, where that has more inputs, such as fixed ends. */
  readonly arrange?: (state: readonly tf.Tensor[]) => readonly tf.Tensor[];
  /** Inputs after the batch that change from step to step; disposed of after it. */
  readonly perStep: (step: number, total: number) => tf.Tensor[];
  readonly onStep: OnStep;
}

/**
 * Runs all steps from the given state, which it consumes, and returns the last state.
 * The step function's outputs are the new state and the loss.
 */
export async function descend(
  steps: BySize,
  initial: readonly tf.Tensor[],
  descent: Descent,
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
      const left = descent.exactBatches ? data.count - from : recipe.batchSize;
      const size = Math.min(recipe.batchSize, left);
      const batch = batchAt(order, from, size);
      const step = steps.at(size);
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

/** The state is this function's to free when what it was meant for cannot even be made. */
export function disposingOnError<T>(state: readonly tf.Tensor[], make: () => T): T {
  try {
    return make();
  } catch (error) {
    tf.dispose([...state]);
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
  const before = descent.arrange?.(state) ?? state;
  const { pixels, labels } = descent.data;
  const next = step(...before, pixels, labels, batch.indices, batch.weights, ...extra);
  batch.dispose();
  tf.dispose(extra);
  tf.dispose(state);
  return next;
}
