/** Fitting of a curve between two fixed ends: one t per batch, the bends move (Garipov et al. 2018). */
import * as tf from '@tensorflow/tfjs';
import type { CurveFamily } from '../../experiment/config/curve.js';
import type { TrainingRecipe } from '../../experiment/runs.js';
import { coefficients } from '../curves/curve.js';
import type { GraphHost } from '../graph/compile.js';
import type { Model } from '../models/model.js';
import { uniform } from '../random.js';
import { curveStep } from './curve-step.js';
import type { ResidentData } from '../data/resident.js';
import { descend, type OnCall, type OnStep, type Reached } from './descent.js';
import { vectorFed, type Fed } from './fed.js';
import { noiseInputs } from './noise.js';

export interface CurveFitting {
  readonly model: Model;
  readonly family: CurveFamily;
  readonly recipe: TrainingRecipe;
  readonly data: ResidentData;
  readonly seed: number;
  readonly onStep: OnStep;
  readonly onCall?: OnCall;
}

/** Control points that a fit leaves where they are. */
export interface Ends {
  readonly start: tf.Tensor[];
  readonly end: tf.Tensor[];
}

/**
 * Consumes the bends (one list of parameter tensors per bend) and returns the fitted ones; the
 * ends stay the caller's.
 */
export async function fitBends(
  host: GraphHost,
  ends: Ends,
  bends: readonly tf.Tensor[][],
  fitting: CurveFitting,
): Promise<tf.Tensor[][]> {
  return fitOn(host, ends, { step: 0, state: withVelocities(bends) }, fitting);
}

/** The state before the first step, which takes over the bends: bend by bend, then their velocities. */
export function withVelocities(bends: readonly tf.Tensor[][]): tf.Tensor[] {
  return [...bends.flat(), ...bends.flat().map((w) => tf.zerosLike(w))];
}

/** Consumes a state that may have any number of the steps behind it, and returns the fitted bends. */
export async function fitOn(
  host: GraphHost,
  ends: Ends,
  from: Reached,
  fitting: CurveFitting,
): Promise<tf.Tensor[][]> {
  const { model, recipe, seed } = fitting;
  const n = model.parameters.length;
  const bends = from.state.length / (2 * n);
  const state = await descend(host, from, {
    ...fitting,
    held: [...ends.start, ...ends.end],
    step: curveStep(model, bends, recipe),
    perStep: (index) => [
      drawnCoefficients(fitting, bends, index),
      ...noiseInputs(recipe, seed, index),
    ],
  });
  tf.dispose(state.splice(bends * n));
  return Array.from({ length: bends }, (_, k) => state.slice(k * n, (k + 1) * n));
}

/** c(t) for the t of this step, uniform in [0,1). */
function drawnCoefficients({ family, seed }: CurveFitting, bends: number, index: number): Fed {
  return vectorFed(coefficients(family, bends + 2, uniform(seed, 'curve-t', index)));
}
