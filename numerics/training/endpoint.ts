/** Training of one network from given weights: its step, and what changes from step to step. */
import * as tf from '@tensorflow/tfjs';
import type { AdversarialConfig } from '../../experiment/config.js';
import type { TrainingRecipe } from '../../experiment/runs.js';
import type { GraphHost } from '../graph/compile.js';
import type { Model } from '../models/model.js';
import { opSeed } from '../random.js';
import { initialStatistics } from '../statistics.js';
import type { ResidentData } from '../data/resident.js';
import { descend, type OnStep } from './descent.js';
import { endpointStep } from './endpoint-step.js';
import { scalarFed, vectorFed, type Fed } from './fed.js';
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
  const { model, recipe, adversarial } = training;
  const n = start.length;
  const initial = [...start, ...start.map((w) => tf.zerosLike(w)), ...initialStatistics(model)];
  const state = await descend(host, initial, {
    ...training,
    step: endpointStep(model, recipe, adversarial),
    perStep: (index, total) => perStep(training, index, total),
  });
  tf.dispose(state.splice(n, n));
  return state;
}

/** What follows the learning rate. */
function perStep(
  { recipe, adversarial, seed }: EndpointTraining,
  index: number,
  total: number,
): Fed[] {
  const attack = adversarial ? strength(adversarial, seed, index, total) : [];
  return [...noiseInputs(recipe, seed, index), ...attack];
}

/** Epsilon, step size and the seed of the random start at this step. */
function strength(
  { epsilon, stepSize, warmup: share }: AdversarialConfig,
  seed: number,
  index: number,
  total: number,
): Fed[] {
  const factor = warmup(index, total, share);
  return [
    scalarFed(epsilon * factor),
    scalarFed(stepSize * factor),
    vectorFed(opSeed(seed, 'attack-start', index), 'int32'),
  ];
}
