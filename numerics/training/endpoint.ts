/** Training of one network from given weights: the compiled step, its strength schedule, the loop. */
import * as tf from '@tensorflow/tfjs';
import type { AdversarialConfig } from '../../experiment/config.js';
import type { TrainingRecipe } from '../../experiment/runs.js';
import { compileBySize } from '../graph/by-size.js';
import { compile, type CompiledFunction, type GraphHost } from '../graph/compile.js';
import type { Model } from '../models/model.js';
import { opSeed } from '../random.js';
import { initialStatistics } from '../statistics.js';
import { batchSizes } from '../data/batches.js';
import { gathering, type ResidentData } from '../data/resident.js';
import { descend, disposingOnError, type OnStep } from './descent.js';
import { endpointStep } from './endpoint-step.js';
import { noiseInputs } from './noise.js';
import { warmup } from './schedule.js';

export interface EndpointTraining {
  readonly model: Model;
  readonly recipe: TrainingRecipe;
  readonly adversarial: AdversarialConfig | null;
  readonly data: ResidentData;
  readonly seed: number;
  readonly onStep: OnStep;
}

/** Consumes `start` (one tensor per parameter) and returns the trained weights: parameters, then statistics. */
export async function trainFrom(
  host: GraphHost,
  start: tf.Tensor[],
  training: EndpointTraining,
): Promise<tf.Tensor[]> {
  const { model, recipe, data } = training;
  const n = start.length;
  const initial = [...start, ...start.map((w) => tf.zerosLike(w)), ...initialStatistics(model)];
  const exactBatches = model.statistics !== undefined;
  const steps = disposingOnError(initial, () =>
    compileBySize(batchSizes(data.count, recipe.batchSize, exactBatches), (size) =>
      compileStep(host, initial, training, size),
    ),
  );
  try {
    const state = await descend(steps, initial, {
      ...training,
      exactBatches,
      perStep: (index, total) => perStep(training, index, total),
    });
    tf.dispose(state.splice(n, n));
    return state;
  } finally {
    steps.dispose();
  }
}

/** What follows the learning rate. */
function perStep(
  { recipe, adversarial, seed }: EndpointTraining,
  index: number,
  total: number,
): tf.Tensor[] {
  const attack = adversarial ? strength(adversarial, seed, index, total) : [];
  return [...noiseInputs(recipe, seed, index), ...attack];
}

/** Epsilon, step size and the seed of the random start at this step. */
function strength(
  { epsilon, stepSize, warmup: share }: AdversarialConfig,
  seed: number,
  index: number,
  total: number,
): tf.Tensor[] {
  const factor = warmup(index, total, share);
  return [
    tf.scalar(epsilon * factor),
    tf.scalar(stepSize * factor),
    tf.tensor1d([...opSeed(seed, 'attack-start', index)], 'int32'),
  ];
}

function compileStep(
  host: GraphHost,
  state: readonly tf.Tensor[],
  training: EndpointTraining,
  batchSize: number,
): CompiledFunction {
  const { model, recipe, adversarial, data } = training;
  const examples = tf.tidy(() => [
    tf.zeros([batchSize], 'int32'),
    tf.ones([batchSize]),
    tf.scalar(0),
    ...perStep(training, 0, 1),
  ]);
  try {
    const step = gathering(state.length, data.classes, endpointStep(model, recipe, adversarial));
    return compile(host, step, [...state, data.pixels, data.labels, ...examples]);
  } finally {
    tf.dispose(examples);
  }
}
