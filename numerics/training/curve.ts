/** Fitting of a curve: one t per batch; the bends move, and the ends too where they are not given (Garipov et al. 2018). */
import * as tf from '@tensorflow/tfjs';
import type { CurveFamily } from '../../experiment/config/curve.js';
import type { AdversarialSpec, TrainingRecipe } from '../../experiment/records/runs.js';
import { coefficients } from '../curves/curve.js';
import type { GraphHost } from '../graph/compile.js';
import type { Model } from '../models/model.js';
import { uniform } from '../random.js';
import { adversaryInputs } from './adversary.js';
import { curveStep } from './curve-step.js';
import type { ResidentData } from '../data/resident.js';
import { descend, type OnBlock, type OnCall, type OnStep, type Reached } from '../optimise/descent.js';
import { vectorFed, type Fed } from '../optimise/step-inputs.js';
import { noiseInputs } from './step-noise.js';

export interface CurveFitting {
  readonly model: Model;
  readonly family: CurveFamily;
  readonly recipe: TrainingRecipe;
  /** Of the network at the t of each step; absent: the images as they are. */
  readonly adversarial?: AdversarialSpec | undefined;
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
  return fitOn(host, ends, { step: 0, state: withVelocities(bends) }, fitting);
}

/** The state before the first step, which takes over the points: one after the other, then their velocities. */
export function withVelocities(bends: readonly tf.Tensor[][]): tf.Tensor[] {
  return [...bends.flat(), ...bends.flat().map((w) => tf.zerosLike(w))];
}

/** Consumes a state that may have any number of the steps behind it, and returns the fitted points. */
export async function fitOn(
  host: GraphHost,
  ends: Ends | null,
  from: Reached,
  fitting: CurveFitting,
): Promise<tf.Tensor[][]> {
  const { model, recipe, adversarial, seed } = fitting;
  const n = model.parameters.length;
  const moving = from.state.length / (2 * n);
  const points = ends ? moving + 2 : moving;
  const state = await descend(host, from, {
    ...fitting,
    held: ends ? [...ends.start, ...ends.end] : [],
    step: curveStep(model, { points, fixed: ends !== null }, recipe, adversarial ?? null),
    perStep: (index, total) => [
      drawnCoefficients(fitting, points, index),
      ...noiseInputs(recipe, seed, index),
      ...(adversarial ? adversaryInputs(adversarial, seed, index, total) : []),
    ],
  });
  tf.dispose(state.splice(moving * n));
  return Array.from({ length: moving }, (_, k) => state.slice(k * n, (k + 1) * n));
}

/** c(t) for the t of this step, uniform in [0,1). */
function drawnCoefficients({ family, seed }: CurveFitting, points: number, index: number): Fed {
  return vectorFed(coefficients(family, points, uniform(seed, 'curve-t', index)));
}
