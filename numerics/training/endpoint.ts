/** Training of one network from given weights: its step, and what changes from step to step. */
import * as tf from '@tensorflow/tfjs';
import type { AdversarialSpec, TrainingRecipe } from '../../experiment/records/runs.js';
import type { GraphHost } from '../graph/compile.js';
import type { Model } from '../models/model.js';
import { initialStatistics } from '../evaluation/batch-norm-statistics.js';
import type { ResidentData } from '../data/resident.js';
import { adversaryInputs } from './adversary.js';
import { descend, type OnBlock, type OnCall, type OnStep, type Reached } from '../optimise/descent.js';
import { endpointStep } from './endpoint-step.js';
import type { Fed } from '../optimise/step-inputs.js';
import { maskedStep, type Mask } from '../optimise/masked-step.js';
import { noiseInputs } from './step-noise.js';
import { seedAt, type Seeding } from '../optimise/seeds.js';

export interface EndpointTraining extends Seeding {
  readonly model: Model;
  readonly recipe: TrainingRecipe;
  readonly adversarial: AdversarialSpec | null;
  readonly data: ResidentData;
  /** Weights that stay zero; they are the caller's. Absent: none. */
  readonly masks?: readonly Mask[];
  readonly onStep: OnStep;
  readonly onCall?: OnCall;
  readonly onBlock?: OnBlock;
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

/** The same of a trained network, which it takes over: parameters, then running statistics. */
export function continuing(model: Model, weights: readonly tf.Tensor[]): Reached {
  const n = model.parameters.length;
  const parameters = weights.slice(0, n);
  const velocities = parameters.map((w) => tf.zerosLike(w));
  return { step: 0, state: [...parameters, ...velocities, ...weights.slice(n)] };
}

/** Consumes a state that may have any number of the steps behind it, and returns the last one. */
export async function trainOn(
  host: GraphHost,
  from: Reached,
  training: EndpointTraining,
): Promise<tf.Tensor[]> {
  const { model, recipe, adversarial, masks = [] } = training;
  const step = endpointStep(model, recipe, adversarial);
  return descend(host, from, {
    ...training,
    held: masks.map(({ kept }) => kept),
    step: masks.length > 0 ? maskedStep(masks, from.state.length, step) : step,
    perStep: (index, total) => perStep(training, index, total),
  });
}

/** What follows the learning rate. */
function perStep(
  { recipe, adversarial, ...seeding }: EndpointTraining,
  index: number,
  total: number,
): Fed[] {
  const seed = seedAt(seeding, index);
  const attack = adversarial ? adversaryInputs(adversarial, seed, index, total) : [];
  return [...noiseInputs(recipe, seed, index), ...attack];
}
