/** Fitting of a curve: one t per batch; the bends move, and the ends too where they are not given (Garipov et al. 2018). */
import * as tf from '@tensorflow/tfjs';
import type { CurveFamily } from '../../experiment/config/curve.js';
import type {
  AdversarialSpec,
  CertifiedTraining,
  TrainingRecipe,
} from '../../experiment/specs/training.js';
import { coefficients } from '../curves/curve.js';
import type { GraphHost } from '../graph/compile.js';
import type { Model } from '../models/model.js';
import type { ParameterSpec } from '../models/parameters.js';
import { uniform } from '../random.js';
import { adversaryInputs } from './adversary.js';
import { certifiedInputs } from './certified.js';
import { curveStep } from './curve-step.js';
import type { ResidentData } from '../data/resident.js';
import {
  descend,
  type OnBlock,
  type OnCall,
  type OnStep,
  type Reached,
} from '../optimise/descent.js';
import { vectorFeed, type Feed } from '../optimise/step-inputs.js';
import { noiseInputs } from './step-noise.js';

/** The fit of one curve: what is fitted, on what, and who is told. */
export interface CurveFitting {
  readonly model: Model;
  readonly family: CurveFamily;
  readonly recipe: TrainingRecipe;
  /** Attack on the network at the t of each step (default none). */
  readonly adversarial?: AdversarialSpec | undefined;
  /** Part of the loss at the t of each step is that of the worst case (default none). */
  readonly certified?: CertifiedTraining | undefined;
  readonly data: ResidentData;
  readonly seed: number;
  readonly onStep: OnStep;
  readonly onCall?: OnCall;
  readonly onBlock?: OnBlock;
}

/** Control points that a fit leaves where they are; without them the first and the last move like the others. */
export interface Ends {
  readonly start: tf.Tensor[];
  readonly end: tf.Tensor[];
}

/**
 * Consumes the moving points (one list of parameter tensors each: the bends, or all of them without ends) and
 * returns the fitted ones; the ends stay the caller's.
 */
export async function fitBends(
  host: GraphHost,
  ends: Ends | null,
  bends: readonly tf.Tensor[][],
  fitting: CurveFitting,
): Promise<tf.Tensor[][]> {
  return fitOn(host, ends, initialFit(bends), fitting);
}

/** The state before the first step, which takes over the points: one after the other, then their velocities. */
export function initialFit(points: readonly tf.Tensor[][]): Reached {
  const parameters = points.flat();
  const velocities = parameters.map((w) => tf.zerosLike(w));
  return { step: 0, state: [...parameters, ...velocities] };
}

/** Names and shapes of the state, as a checkpoint has them; each moving point has a prefix. */
export function fitSpecs(
  parameters: readonly ParameterSpec[],
  prefixes: readonly string[],
): readonly ParameterSpec[] {
  const points = prefixes.flatMap((prefix) =>
    parameters.map(({ name, shape }) => ({ name: prefix + name, shape })),
  );
  const velocities = points.map(({ name, shape }) => ({ name: `velocity.${name}`, shape }));
  return [...points, ...velocities];
}

/** Consumes a state that may have any number of the steps behind it, and returns the fitted points. */
export async function fitOn(
  host: GraphHost,
  ends: Ends | null,
  from: Reached,
  fitting: CurveFitting,
): Promise<tf.Tensor[][]> {
  const { model, recipe, adversarial, certified, seed } = fitting;
  const isCertified = certified !== undefined;
  const n = model.parameters.length;
  const moving = from.state.length / (2 * n);
  const points = ends ? moving + 2 : moving;
  const state = await descend(host, from, {
    ...fitting,
    held: ends ? [...ends.start, ...ends.end] : [],
    step: curveStep(model, { points, fixed: ends !== null }, recipe, { adversarial, isCertified }),
    perStep: (index, total) => [
      drawnCoefficients(fitting, points, index),
      ...noiseInputs(recipe, seed, index),
      ...(adversarial ? adversaryInputs(adversarial, seed, index, total) : []),
      ...(certified ? certifiedInputs(certified, index, total) : []),
    ],
  });
  tf.dispose(state.splice(moving * n));
  return Array.from({ length: moving }, (_, k) => state.slice(k * n, (k + 1) * n));
}

/** c(t) for the t of this step, uniform in [0,1). */
function drawnCoefficients({ family, seed }: CurveFitting, points: number, index: number): Feed {
  return vectorFeed(coefficients(family, points, uniform(seed, 'curve-t', index)));
}
