/** One step of curve fitting as a pure function of tensors, ready to be captured. */
import * as tf from '@tensorflow/tfjs';
import type { AdversarialSpec, TrainingRecipe } from '../../experiment/records/runs.js';
import type { Loop } from '../graph/loop.js';
import type { Model } from '../models/model.js';
import { attackerOn, noAttacker, type Predict } from './adversary.js';
import { lossAndGradients, squaredNorm } from '../losses/training-loss.js';
import { augmented, dropoutOf, isNoisy } from './step-noise.js';
import { sgdStep } from '../optimise/sgd.js';

/** Control points, both ends included. */
export interface ControlPoints {
  readonly points: number;
  /** Whether the first and the last stay where they are. */
  readonly fixed: boolean;
}

/**
 * Objective at the drawn t (Garipov et al. 2018, eq. 2): CE(w(t)) + ½ · weightDecay · ||w(t)||²,
 * w(t) = Σ_k c_k w_k. By the chain rule a point's gradient is its coefficient times that of w(t);
 * fixed ends have none.
 * Batch norm goes by the batch: running statistics over random t mean nothing.
 * With `adversarial` the cross-entropy is the highest that an attack on the network at the same t finds
 * (the robust connection of Zhao et al. 2020); the attack is the loop of the step.
 *
 * Inputs: moving points (m · n tensors, point by point), velocities (m · n), fixed ends (2 · n, or none),
 * images, labels, weights, learning rate [], coefficients [points], with noise its
 * seed [2] (int32), with adversarial training epsilon [], step size [] and a seed [2] (int32).
 * Outputs: new points (m · n), new velocities (m · n), the regularised loss [] at t.
 */
export function curveStep(
  model: Model,
  { points, fixed }: ControlPoints,
  recipe: TrainingRecipe,
  adversarial: AdversarialSpec | null = null,
): Loop {
  const n = model.parameters.length;
  const moving = fixed ? points - 2 : points;
  const open: Loop['open'] = (...inputs) => {
    const free = inputs.slice(0, moving * n);
    const velocities = inputs.slice(moving * n, 2 * moving * n);
    const held = chunks(inputs.slice(2 * moving * n, (points + moving) * n), n);
    const all = fixed ? [held[0]!, ...chunks(free, n), held[1]!] : chunks(free, n);
    const [images, labels, weights, learningRate, coefficients, ...rest] = inputs.slice(
      (points + moving) * n,
    );
    const seed = isNoisy(recipe) ? rest.shift()! : null;
    const c = tf.unstack(coefficients!);
    const mixed = model.parameters.map((_, i) => mix(all, c, i));
    const clean = { images: augmented(recipe, images!, seed), labels: labels!, weights: weights! };
    const attacker = adversarial
      ? attackerOn(byBatch(model, mixed), clean, adversarial, rest)
      : noAttacker(clean);
    return {
      ...attacker,
      finish(state) {
        const { batch, against } = attacker.finish(state);
        const drop = dropoutOf(recipe, seed);
        const { weightDecay } = recipe;
        const { nll, gradients } = lossAndGradients(
          model,
          mixed,
          batch,
          weightDecay,
          drop,
          against,
        );
        const ofMoving = fixed ? c.slice(1, -1) : c;
        const next = sgdStep(
          { parameters: free, velocities },
          ofMoving.flatMap((ck) => gradients.map((g) => tf.mul(g, ck))),
          recipe.momentum,
          learningRate!,
        );
        const loss = tf.add(nll, tf.mul(squaredNorm(mixed), weightDecay / 2));
        return [...next.parameters, ...next.velocities, loss];
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
function mix(points: readonly tf.Tensor[][], c: readonly tf.Tensor[], i: number): tf.Tensor {
  return tf.addN(points.map((point, k) => tf.mul(point[i]!, c[k]!)));
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: items.length / size }, (_, k) =>
    items.slice(k * size, (k + 1) * size),
  );
}
