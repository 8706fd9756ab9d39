/** One step of curve fitting as a pure function of tensors, ready to be captured. */
import * as tf from '@tensorflow/tfjs';
import type { AdversarialSpec, TrainingRecipe } from '../../experiment/specs/training.js';
import type { Loop } from '../graph/loop.js';
import { tensorRecord } from '../graph/tensor-record.js';
import type { Model } from '../models/model.js';
import { attackerOn, noAttacker, type Predict } from './adversary.js';
import { lossAndGradients, squaredNorm } from '../losses/training-loss.js';
import { batchInputs } from './step-layout.js';
import { worstCase } from './certified.js';
import { wellPosed } from './well-posed.js';
import { dropoutFor } from './step-noise.js';
import { augmentImages } from '../data/augment-images.js';
import { descendAlong } from '../optimise/step-transform.js';
import { momentum, weightDecay } from '../optimise/transforms.js';

/** Control points, both ends included. */
export interface ControlPoints {
  readonly points: number;
  /** Whether the first and the last stay where they are. */
  readonly fixed: boolean;
}

/** Losses at t beside that of the images as they are. */
interface CurveLoss {
  /** An attack on the network at t (default: none). */
  readonly adversarial?: AdversarialSpec | null | undefined;
  /** The worst case within interval bounds (default: no). */
  readonly isCertified?: boolean;
}

/**
 * Objective at the drawn t (Garipov et al. 2018, eq. 2): CE(w(t)) + ½ · weightDecay · ||w(t)||²,
 * w(t) = Σ_k c_k w_k. By the chain rule a point's gradient is its coefficient times that of w(t);
 * fixed ends have none.
 * Batch norm goes by the batch: running statistics over random t mean nothing.
 * With `adversarial` the cross-entropy is the highest that an attack on the network at the same t finds
 * (the robust connection of Zhao et al. 2020); the attack is the loop of the step. Certified, the cross-entropy is
 * (1 - κ) CE(w(t)) + κ times that of the worst case within ε. Coupling matrices that are weights are projected after
 * the step (`wellPosed`).
 *
 * Inputs: moving points (m · n tensors, point by point), velocities (m · n), fixed ends (2 · n, or none),
 * images, labels, weights, learning rate [], coefficients [points], with noise its
 * seed [2] (int32), with adversarial training epsilon [], step size [] and a seed [2] (int32), with certified
 * training epsilon [] and kappa [].
 * Outputs: new points (m · n), new velocities (m · n), the regularised loss [] at t.
 */
export function curveStep(
  model: Model,
  { points, fixed }: ControlPoints,
  recipe: TrainingRecipe,
  { adversarial = null, isCertified = false }: CurveLoss = {},
): Loop {
  const n = model.parameters.length;
  const moving = fixed ? points - 2 : points;
  const { images: one, noise, attack, certified } = batchInputs(recipe, adversarial, isCertified);
  const layout = tensorRecord({
    ...{ free: moving * n, velocity: moving * n, ends: (points - moving) * n },
    ...{ images: one, labels: one, weights: one, learningRate: one, coefficients: one },
    ...{ noise, attack, certified },
  });
  const decay = weightDecay(recipe.weightDecay);
  const optimiser = momentum(recipe.momentum, recipe.nesterov);
  const open: Loop['open'] = (...inputs) => {
    const { free, velocity, ends, images, labels, weights, ...given } = layout.toRecord(inputs);
    const [start, end] = chunks(ends, n);
    const all = [...(start ? [start] : []), ...chunks(free, n), ...(end ? [end] : [])];
    const [seed = null] = given.noise;
    const c = tf.unstack(given.coefficients);
    const mixed = model.parameters.map((_, i) => mix(all, c, i));
    const clean = { images: augmentImages(recipe.augmentation, images, seed), labels, weights };
    const attacker = adversarial
      ? attackerOn(byBatch(model, mixed), clean, adversarial, given.attack)
      : noAttacker(clean);
    return {
      ...attacker,
      finish(attacked) {
        const { batch, against } = attacker.finish(attacked);
        const drop = dropoutFor(recipe, seed);
        const found = lossAndGradients(model, mixed, batch, {
          ...{ drop, against, labelSmoothing: recipe.labelSmoothing },
          worst: worstCase(model, given.certified),
        });
        const ofMixed = decay.update(found.gradients, {}, mixed).updates;
        const ofFree = (fixed ? c.slice(1, -1) : c).flatMap((ck) =>
          ofMixed.map((g) => tf.mul(g, ck)),
        );
        const { updates, state } = optimiser.update(ofFree, { velocity }, free);
        const moved = descendAlong(free, updates, given.learningRate);
        const next = chunks(moved, n).flatMap((point) => wellPosed(model, point));
        const penalty = tf.mul(squaredNorm(mixed), recipe.weightDecay / 2);
        return [...next, ...(state['velocity'] ?? []), tf.add(found.nll, penalty)];
      },
    };
  };
  return { steps: adversarial?.steps ?? 0, open };
}

/** The network as an attacker sees it: without dropout, batch norm going by the batch as in the objective. */
function byBatch(model: Model, parameters: tf.Tensor[]): Predict {
  if (model.statistics === undefined) return (x) => model.apply(parameters, x);
  const training = { drop: (activations: tf.Tensor) => activations, observe: () => {} };
  return (x) => model.train!(parameters, x, training);
}

/** Σ_k c_k w_k of parameter i. */
function mix(
  points: readonly (readonly tf.Tensor[])[],
  c: readonly tf.Tensor[],
  i: number,
): tf.Tensor {
  return tf.addN(points.map((point, k) => tf.mul(point[i]!, c[k]!)));
}

function chunks<T>(items: readonly T[], size: number): (readonly T[])[] {
  return Array.from({ length: items.length / size }, (_, k) =>
    items.slice(k * size, (k + 1) * size),
  );
}
