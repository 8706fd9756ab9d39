/** Training of one network from given weights: its step, and what changes from step to step. */
import * as tf from '@tensorflow/tfjs';
import type { QuantisationSpec } from '../../experiment/specs/quantisation.js';
import type {
  AdversarialSpec,
  CertifiedTraining,
  TrainingRecipe,
} from '../../experiment/specs/training.js';
import type { GraphHost } from '../graph/compile.js';
import type { Model } from '../models/model.js';
import type { ParameterSpec } from '../models/parameters.js';
import { initialStatistics } from '../evaluation/batch-norm-statistics.js';
import type { ResidentData } from '../data/resident.js';
import { adversaryInputs } from './adversary.js';
import { certifiedInputs } from './certified.js';
import {
  descend,
  type OnBlock,
  type OnCall,
  type OnStep,
  type Reached,
} from '../optimise/descent.js';
import { endpointState, endpointStep, sgd } from './endpoint-step.js';
import { restartInputs, type Feed } from '../optimise/step-inputs.js';
import type { StepTransform } from '../optimise/step-transform.js';
import type { Mask } from '../optimise/transforms.js';
import { batchCount } from '../data/batches.js';
import { quantised } from '../quantisation/quantised.js';
import { quantisationInputs } from '../quantisation/relaxation.js';
import { rewiredOptimiser, rewiringChange, type RewiredTraining } from './rewiring.js';
import { noiseInputs } from './step-noise.js';
import { seedAt, type Seeding } from '../optimise/seeds.js';

/** A training of one network: what is trained, on what, and who is told. */
export interface EndpointTraining extends Seeding {
  readonly model: Model;
  readonly recipe: TrainingRecipe;
  readonly adversarial: AdversarialSpec | null;
  /** Default: none. */
  readonly certified?: CertifiedTraining | undefined;
  readonly data: ResidentData;
  /** Weights that stay zero (default none); they are the caller's. */
  readonly masks?: readonly Mask[];
  /** Default: float weights. */
  readonly quantisation?: QuantisationSpec | undefined;
  /** Default: masks stay as they are. */
  readonly rewired?: RewiredTraining | undefined;
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
  const { model } = training;
  const optimiser = optimiserFor(training);
  const state = await trainOn(host, initialState(model, optimiser, start), training);
  const {
    parameters,
    optimiser: slots,
    statistics,
  } = endpointState(model, optimiser).toRecord(state);
  tf.dispose([...slots]);
  return [...parameters, ...statistics];
}

/** The optimiser of a training: stochastic gradient descent of its recipe, with its masks and its quantisation. */
export function optimiserFor({
  model,
  recipe,
  masks,
  quantisation,
  rewired,
}: Pick<
  EndpointTraining,
  'model' | 'recipe' | 'masks' | 'quantisation' | 'rewired'
>): StepTransform {
  const further = quantisation ? [quantised(model.parameters, quantisation)] : [];
  const descending = sgd(recipe, masks, further);
  return rewired ? rewiredOptimiser(descending, rewired) : descending;
}

/**
 * The state before the first step: it takes over the weights, parameters and then running statistics. Statistics
 * that are not given begin at mean 0 and variance 1.
 */
export function initialState(
  model: Model,
  optimiser: StepTransform,
  weights: readonly tf.Tensor[],
): Reached {
  const n = model.parameters.length;
  const [parameters, given] = [weights.slice(0, n), weights.slice(n)];
  const state = endpointState(model, optimiser).toList({
    parameters,
    optimiser: Object.values(optimiser.init(parameters)).flat(),
    statistics: given.length > 0 ? given : initialStatistics(model),
  });
  return { step: 0, state };
}

/** Names and shapes of the state, as a checkpoint has them. */
export function stateSpecs(model: Model, optimiser: StepTransform): readonly ParameterSpec[] {
  const prefixed = (prefix: string, specs: readonly ParameterSpec[]) =>
    specs.map(({ name, shape }) => ({ name: `${prefix}.${name}`, shape }));
  return endpointState(model, optimiser).toList<ParameterSpec>({
    parameters: prefixed('weights', model.parameters),
    optimiser: Object.entries(optimiser.slots(model.parameters)).flatMap(([slot, specs]) =>
      prefixed(slot, specs),
    ),
    statistics: prefixed('statistics', model.statistics ?? []),
  });
}

/** The weights within a state: parameters, then running statistics. */
export function trainedWeights(
  model: Model,
  optimiser: StepTransform,
  state: readonly tf.Tensor[],
): tf.Tensor[] {
  const { parameters, statistics } = endpointState(model, optimiser).toRecord(state);
  return [...parameters, ...statistics];
}

/** Consumes a state after any number of steps, and returns the last one, in the order of `stateSpecs`. */
export async function trainOn(
  host: GraphHost,
  from: Reached,
  training: EndpointTraining,
): Promise<tf.Tensor[]> {
  const { model, recipe, adversarial, certified, rewired } = training;
  const optimiser = optimiserFor(training);
  return descend(host, from, {
    ...training,
    held: Object.values(optimiser.held).flat(),
    step: endpointStep(model, recipe, adversarial, optimiser, certified !== undefined),
    perStep: (index, total) => perStep(training, index, total),
    stateChange: rewired && rewiringChange(rewired, { ...training, optimiser }),
  });
}

/** Steps of one pass over the images, whole or not. */
export function stepsPerEpoch(
  { steps, batchSize }: TrainingRecipe,
  { count }: { readonly count: number },
): number {
  return steps === undefined ? batchCount(count, batchSize) : count / batchSize;
}

/** Inputs of a step after the learning rate. */
function perStep(
  { recipe, adversarial, certified, quantisation, data, ...seeding }: EndpointTraining,
  index: number,
  total: number,
): Feed[] {
  const seed = seedAt(seeding, index);
  const attack = adversarial ? adversaryInputs(adversarial, seed, index, total) : [];
  const bounds = certified ? certifiedInputs(certified, index, total) : [];
  const restart = restartInputs(recipe, index, total);
  const place = quantisation
    ? quantisationInputs(quantisation, index, total, stepsPerEpoch(recipe, data))
    : [];
  return [...noiseInputs(recipe, seed, index), ...attack, ...bounds, ...restart, ...place];
}
