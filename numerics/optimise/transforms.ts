/** The step transforms that recipes use: weight decay, momentum, masks, projections. */
import * as tf from '@tensorflow/tfjs';
import type { ParameterTensors } from '../models/parameters.js';
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

/**
 * Adam (Kingma & Ba 2015, algorithm 1): with m ← β1 m + (1 - β1) g and v ← β2 v + (1 - β2) g², the update
 * m̂ / (√v̂ + 1e-8) of the moments divided by 1 - β^k after step k; β2 = 0.999.
 */
export function adam(beta1: number): StepTransform {
  return {
    held: {},
    slots: (parameters) => ({
      ...{ mean: parameters, square: parameters },
      powers: [{ name: 'beta', shape: [2] }],
    }),
    init: (parameters) => ({
      mean: parameters.map((w) => tf.zerosLike(w)),
      square: parameters.map((w) => tf.zerosLike(w)),
      powers: [tf.ones([2])],
    }),
    update(gradients, { mean = [], square = [], powers = [] }) {
      const next = tf.mul(powers[0]!, tf.tensor1d([beta1, beta2]));
      const [first, second] = [0, 1].map((i) => tf.sub(1, tf.reshape(tf.slice(next, i, 1), [])));
      const m = mean.map((old, i) => tf.add(tf.mul(old, beta1), tf.mul(gradients[i]!, 1 - beta1)));
      const v = square.map((old, i) =>
        tf.add(tf.mul(old, beta2), tf.mul(tf.square(gradients[i]!), 1 - beta2)),
      );
      const updates = m.map((now, i) =>
        tf.div(tf.div(now, first!), tf.add(tf.sqrt(tf.div(v[i]!, second!)), 1e-8)),
      );
      return { updates, state: { mean: m, square: v, powers: [next] } };
    },
  };
}

const beta2 = 0.999;

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
    afterStep: (parameters, { mask = [] }) => underMask(parameters, masks, mask),
  });
}

/** w · mask for each parameter that has a mask; `kept` are their values, in the order of `masks`. */
export function underMask(
  parameters: ParameterTensors,
  masks: readonly Pick<Mask, 'position'>[],
  kept: readonly tf.Tensor[],
): readonly tf.Tensor[] {
  const next = [...parameters];
  masks.forEach(({ position }, i) => {
    next[position] = tf.mul(next[position]!, kept[i]!);
  });
  return next;
}

/** w ← project(w) after each step, parameter by parameter, e.g. onto a box. */
export function projected(project: (w: tf.Tensor) => tf.Tensor): StepTransform {
  return stateless({ afterStep: (parameters) => parameters.map(project) });
}
