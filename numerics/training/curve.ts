/** Fitting of a curve between two fixed ends: one t per batch, the bends move (Garipov et al. 2018). */
import * as tf from '@tensorflow/tfjs';
import type { CurveFamily } from '../../experiment/config.js';
import type { TrainingRecipe } from '../../experiment/runs.js';
import { coefficients } from '../curves/curve.js';
import type { GraphHost } from '../graph/compile.js';
import type { Model } from '../models/model.js';
import { uniform } from '../random.js';
import { curveStep } from './curve-step.js';
import type { ResidentData } from '../data/resident.js';
import { descend, type OnStep } from './descent.js';
import { vectorFed, type Fed } from './fed.js';
import { noiseInputs } from './noise.js';

export interface CurveFitting {
  readonly model: Model;
  readonly family: CurveFamily;
  readonly recipe: TrainingRecipe;
  readonly data: ResidentData;
  readonly seed: number;
  readonly onStep: OnStep;
}

/**
 * Consumes the bends (one list of parameter tensors per bend) and returns the fitted ones; the
 * ends stay the caller's.
 */
export async function fitBends(
  host: GraphHost,
  ends: { readonly start: tf.Tensor[]; readonly end: tf.Tensor[] },
  bends: readonly tf.Tensor[][],
  fitting: CurveFitting,
): Promise<tf.Tensor[][]> {
  const n = fitting.model.parameters.length;
  const free = bends.length * n;
  const initial = [...bends.flat(), ...bends.flat().map((w) => tf.zerosLike(w))];
  const { model, recipe, seed } = fitting;
  const state = await descend(host, initial, {
    ...fitting,
    held: [...ends.start, ...ends.end],
    step: curveStep(model, bends.length, recipe),
    perStep: (index) => [
      drawnCoefficients(fitting, bends.length, index),
      ...noiseInputs(recipe, seed, index),
    ],
  });
  tf.dispose(state.splice(free));
  return bends.map((_, k) => state.slice(k * n, (k + 1) * n));
}

/** c(t) for the t of this step, uniform in [0,1). */
function drawnCoefficients({ family, seed }: CurveFitting, bends: number, index: number): Fed {
  return vectorFed(coefficients(family, bends + 2, uniform(seed, 'curve-t', index)));
}
