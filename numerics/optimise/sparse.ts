/** Step transforms of sparse training: masks that are part of the state, and a pull towards the sparse projection. */
import * as tf from '@tensorflow/tfjs';
import type { ParameterSpec } from '../models/parameters.js';
import type { StepTransform } from './step-transform.js';
import { underMask, type Mask } from './transforms.js';

/**
 * w ← w · mask after each step, the masks [weights' shape] being state: whoever changes the state between steps may change
 * them. Gradients pass, so that the momentum of inactive weights keeps accumulating. `adjustment` [3] is what one change of
 * the masks leaves to the next.
 */
export function sparse(first: readonly Mask[]): StepTransform {
  return {
    held: {},
    slots: (parameters) => ({
      mask: at(parameters, first),
      rewiring: [{ name: 'adjustment', shape: [3] }],
    }),
    init: () => ({ mask: first.map(({ kept }) => tf.clone(kept)), rewiring: [tf.zeros([3])] }),
    update: (gradients, { mask = [], rewiring = [] }) => ({
      updates: gradients,
      state: { mask, rewiring },
    }),
    afterStep: (parameters, { mask = [] }) => underMask(parameters, first, mask),
  };
}

/** Keeps the gradients of the masked weights at the last step as state `gradient`; the update is what it is given. */
export function lastGradient(masks: readonly Mask[]): StepTransform {
  return {
    held: {},
    slots: (parameters) => ({ gradient: at(parameters, masks) }),
    init: (parameters) => ({ gradient: at(parameters, masks).map((w) => tf.zerosLike(w)) }),
    update: (gradients) => ({ updates: gradients, state: { gradient: at(gradients, masks) } }),
  };
}

/**
 * g + ρ (w - z + u) for masked weights w: the gradient of loss + ρ/2 ‖w - z + u‖² (ADMM, Boyd et al. 2011, section 3.1.1).
 * The projection z and the dual u are state that steps do not change; z begins as the weights, u as 0.
 */
export function admm(masks: readonly Mask[], rho: number): StepTransform {
  return {
    held: {},
    slots: (parameters) => ({
      projection: at(parameters, masks),
      dual: at(parameters, masks),
    }),
    init: (parameters) => ({
      // Memory of their own: inputs of a captured step share none.
      projection: at(parameters, masks).map((w) => tf.mul(w, 1)),
      dual: at(parameters, masks).map((w) => tf.zerosLike(w)),
    }),
    update(gradients, { projection = [], dual = [] }, parameters) {
      const updates = [...gradients];
      masks.forEach(({ position }, i) => {
        const apart = tf.add(tf.sub(parameters[position]!, projection[i]!), dual[i]!);
        updates[position] = tf.add(updates[position]!, tf.mul(apart, rho));
      });
      return { updates, state: { projection, dual } };
    },
  };
}

function at<T extends ParameterSpec | tf.Tensor>(all: readonly T[], masks: readonly Mask[]): T[] {
  return masks.map(({ position }) => all[position]!);
}
