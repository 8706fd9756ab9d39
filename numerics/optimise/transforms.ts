/** The step transforms that recipes use: weight decay, momentum, masks, projections. */
import * as tf from '@tensorflow/tfjs';
import { stateless, type StepTransform } from './step-transform.js';

/** g + decay · w: the gradient of loss + ½ · decay · ||w||². */
export function weightDecay(decay: number): StepTransform {
  if (decay === 0) return stateless({});
  return stateless({
    update: (gradients, parameters) =>
      gradients.map((g, i) => tf.add(g, tf.mul(parameters[i]!, decay))),
  });
}

/**
 * v ← momentum · v + g, the update being v, or with `nesterov` g + momentum · v (Nesterov 1983; Sutskever et al.
 * 2013, in the form that PyTorch uses). A session does either with one kernel (`momentumUpdates`).
 */
export function momentum(factor: number, nesterov = false): StepTransform {
  return {
    held: {},
    slots: (parameters) => ({ velocity: parameters }),
    init: (parameters) => ({ velocity: parameters.map((w) => tf.zerosLike(w)) }),
    update(gradients, { velocity = [] }) {
      const next = velocity.map((v, i) => tf.add(tf.mul(v, factor), gradients[i]!));
      const ahead = (v: tf.Tensor, i: number) => tf.add(gradients[i]!, tf.mul(v, factor));
      return { updates: nesterov ? next.map(ahead) : next, state: { velocity: next } };
    },
  };
}

/** 1 where a weight of one parameter is kept, 0 where it stays zero. */
export interface Mask {
  /** Index of the parameter in the order of the model. */
  readonly position: number;
  /** Mask of the parameter's shape. */
  readonly kept: tf.Tensor;
}

/** w ← w · mask after each step, so that pruned weights stay zero. */
export function masked(masks: readonly Mask[]): StepTransform {
  return stateless({
    held: { mask: masks.map(({ kept }) => kept) },
    afterStep(parameters, { mask = [] }) {
      const next = [...parameters];
      masks.forEach(({ position }, i) => {
        next[position] = tf.mul(next[position]!, mask[i]!);
      });
      return next;
    },
  });
}

/** w ← project(w) after each step, parameter by parameter, e.g. onto a box. */
export function projected(project: (w: tf.Tensor) => tf.Tensor): StepTransform {
  return stateless({ afterStep: (parameters) => parameters.map(project) });
}
