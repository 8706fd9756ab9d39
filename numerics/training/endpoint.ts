/** Training of one network from given weights: its step, and what changes from step to step. */
import * as tf from '@tensorflow/tfjs';
import type { AdversarialConfig } from '../../experiment/config/endpoint.js';
import type { TrainingRecipe } from '../../experiment/runs.js';
import type { GraphHost } from '../graph/compile.js';
import type { Model } from '../models/model.js';
import { opSeed } from '../random.js';
import { initialStatistics } from '../statistics.js';
import type { ResidentData } from '../data/resident.js';
import { descend, type OnCall, type OnStep, type Reached } from './descent.js';
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
  readonly onCall?: OnCall;
}

/** Consumes `start` (one tensor per parameter) and returns the trained weights: parameters, then statistics. */
export async function trainFrom(
  host: GraphHost,
  start: tf.Tensor[],
  training: EndpointTraining,
): Promise<tf.Tensor[]> {
  const state = await trainOn(host, beginning(training.model, start), training);
  tf.dispose(state.splice(start.length, start.length));
  return state;
}

/** The state before the first step, which takes over the start: parameters, velocities, running statistics. */
export function beginning(model: Model, start: readonly tf.Tensor[]): Reached {
  const velocities = start.map((w) => tf.zerosLike(w));
  return { step: 0, state: [...start, ...velocities, ...initialStatistics(model)] };
}

/** Consumes a state that may have any number of the steps behind it, and returns the last one. */
export async function trainOn(
  host: GraphHost,
  from: Reached,
  training: EndpointTraining,
): Promise<tf.Tensor[]> {
  const { model, recipe, adversarial } = training;
  return descend(host, from, {
    ...training,
    step: endpointStep(model, recipe, adversarial),
    perStep: (index, total) => perStep(training, index, total),
  });
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
