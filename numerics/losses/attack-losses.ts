/** Losses that attacks maximise: one number per image, from its logits. */
import * as tf from '@tensorflow/tfjs';
import type { AttackLossName } from '../../experiment/attacks/attack-fields.js';
import { crossEntropies } from './cross-entropy.js';
import { ranked, runnerUp } from './logit-order.js';
import { indicator } from '../graph/per-image.js';

/** A loss by its name. */
export interface LossChoice {
  readonly name: AttackLossName;
  /** Carlini-Wagner margin of cw; absent: 0. */
  readonly confidence?: number;
}

/** Logits [batch, classes] to losses [batch]; labels and target are one-hot [batch, classes]. */
export type AttackLoss = (logits: tf.Tensor) => tf.Tensor;

/** The loss that grows away from the labels or, with a target, towards that class; both one-hot [batch, classes]. */
export function attackLoss(
  { name, confidence = 0 }: LossChoice,
  labels: tf.Tensor,
  target: tf.Tensor | null,
): AttackLoss {
  switch (name) {
    case 'ce':
      return target ? (z) => tf.neg(crossEntropies(z, target)) : (z) => crossEntropies(z, labels);
    case 'dlr':
      return target ? targetedDlr(labels, target) : dlr(labels);
    case 'cw':
      return target
        ? margin((z) => tf.sub(target, runnerUp(z, target)), confidence)
        : untargetedMargin(labels, confidence);
    default:
      throw new Error(`unknown loss ${String(name satisfies never)}`);
  }
}

/**
 * Difference of logits ratio (Croce and Hein 2020): −(z_y − max_{i≠y} z_i) / (z_π1 − z_π3), π by falling
 * logits. Neither shift nor scale of the logits changes it.
 */
function dlr(labels: tf.Tensor): AttackLoss {
  return ratio((z) => [tf.sub(runnerUp(z, labels), labels), tf.sub(ranked(z, 1), ranked(z, 3))]);
}

/** The same towards a target: −(z_y − z_t) / (z_π1 − (z_π3 + z_π4) / 2). */
function targetedDlr(labels: tf.Tensor, target: tf.Tensor): AttackLoss {
  return ratio((z) => [
    tf.sub(target, labels),
    tf.sub(ranked(z, 1), tf.div(tf.add(ranked(z, 3), ranked(z, 4)), 2)),
  ]);
}

/** min(max_{i≠y} z_i − z_y, κ): Carlini and Wagner 2017, with the sign turned. */
function untargetedMargin(labels: tf.Tensor, confidence: number): AttackLoss {
  return margin((z) => tf.sub(runnerUp(z, labels), labels), confidence);
}

/** min(z · a(z), κ) with a gradient of 0 from κ on. */
function margin(coefficients: (z: tf.Tensor) => tf.Tensor, confidence: number): AttackLoss {
  return piecewise((z) => {
    const a = coefficients(z);
    const lead = dot(z, a);
    const short = indicator(tf.less(lead, confidence));
    return { value: tf.minimum(lead, confidence), gradient: tf.mul(a, tf.reshape(short, [-1, 1])) };
  });
}

/** z · a / (z · b + 1e-12) */
function ratio(coefficients: (z: tf.Tensor) => readonly [tf.Tensor, tf.Tensor]): AttackLoss {
  return piecewise((z) => {
    const [a, b] = coefficients(z);
    const scale = tf.add(dot(z, b), 1e-12);
    const value = tf.div(dot(z, a), scale);
    const rows = (v: tf.Tensor): tf.Tensor => tf.reshape(v, [-1, 1]);
    const gradient = tf.div(tf.sub(a, tf.mul(rows(value), b)), rows(scale));
    return { value, gradient };
  });
}

/** A loss whose gradient is known; the order of the logits, on which it depends, has none. */
function piecewise(
  f: (logits: tf.Tensor) => { readonly value: tf.Tensor; readonly gradient: tf.Tensor },
): AttackLoss {
  return tf.customGrad((logits, save) => {
    const { value, gradient } = f(logits as tf.Tensor);
    (save as tf.GradSaveFunc)([gradient]);
    return {
      value,
      gradFunc: (upstream, [saved]) => tf.mul(tf.reshape(upstream, [-1, 1]), saved!),
    };
  });
}

/** Value of each row, [batch]. */
function dot(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return tf.sum(tf.mul(a, b), 1);
}
