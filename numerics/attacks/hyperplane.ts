/** The smallest change, in a norm, that brings an image onto a hyperplane without leaving [0,1]. */
import * as tf from '@tensorflow/tfjs';
import type { SearchNorm } from '../../experiment/attack-methods.js';
import { maxEach, scaled, select, spread, sumEach } from './per-image.js';

/** Of the search below; most images need two or three. What is left after them, FAB's overshoot covers. */
const rounds = 6;

/**
 * d with w · d = −residual, or as near as the box lets it come. Every pixel goes towards the plane by
 * min(λ b, room), where b is 1 for l-infinity and |w| for l2, and the one λ fills the gap. That sum is
 * concave in λ, so that Newton's method from below ends at it (the pixels at their bounds are then known).
 * `points` and `normal` are [batch, …], `residual` is [batch].
 */
export function ontoHyperplane(
  norm: SearchNorm,
  points: tf.Tensor,
  normal: tf.Tensor,
  residual: tf.Tensor,
): tf.Tensor {
  const steep = tf.abs(scaled(normal));
  const gap = tf.abs(inUnits(residual, normal));
  const towards = tf.neg(tf.mul(tf.sign(normal), spread(tf.sign(residual), normal)));
  const room = select(tf.greater(towards, 0), tf.sub(1, points), points);
  const rate = norm === 'linf' ? tf.onesLike(steep) : steep;
  const gain = tf.mul(steep, rate);
  const full = tf.mul(steep, room);
  let lambda = quotient(gap, sumEach(gain));
  for (let i = 0; i < rounds; i++) {
    const stuck = tf.greater(tf.mul(rate, spread(lambda, rate)), room);
    const taken = sumEach(select(stuck, full, tf.scalar(0)));
    const free = sumEach(select(stuck, tf.scalar(0), gain));
    lambda = tf.maximum(lambda, quotient(tf.maximum(tf.sub(gap, taken), 0), free));
  }
  return tf.mul(towards, tf.minimum(tf.mul(rate, spread(lambda, rate)), room));
}

/** The residual in the units of the scaled normal. */
function inUnits(residual: tf.Tensor, normal: tf.Tensor): tf.Tensor {
  return quotient(residual, maxEach(tf.abs(normal)));
}

/** a / b, and 0 where b is 0. */
function quotient(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const some = tf.greater(b, 0);
  return select(some, tf.div(a, select(some, b, tf.scalar(1))), tf.scalar(0));
}
