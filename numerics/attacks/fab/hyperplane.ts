/** The smallest change, in a norm, that brings an image onto a hyperplane without leaving [0,1]. */
import * as tf from '@tensorflow/tfjs';
import type { AttackNorm } from '../../../experiment/attacks/attack-fields.js';
import { greedyShares } from '../norms/fractional-knapsack.js';
import {
  maxEach,
  quotient,
  roomAlong,
  scaled,
  select,
  spread,
  sumEach,
} from '../../graph/per-image.js';

/** Steps of the search below; most images need two or three. FAB's overshoot covers the remaining error. */
const rounds = 6;

/**
 * d with w · d = −residual, or as near as the box lets it come. Under l-infinity and l2 every pixel goes towards
 * the plane by min(λ b, room), where b is 1 or |w|, and the one λ fills the gap; under l1 those of largest |w|
 * go first (Croce and Hein 2020, FAB). `points` and `normal` are [batch, …], `residual` is [batch].
 */
export function ontoHyperplane(
  norm: AttackNorm,
  points: tf.Tensor,
  normal: tf.Tensor,
  residual: tf.Tensor,
): tf.Tensor {
  const steep = tf.abs(scaled(normal));
  const gap = tf.abs(inUnits(residual, normal));
  const towards = tf.neg(tf.mul(tf.sign(normal), spread(tf.sign(residual), normal)));
  const room = roomAlong(towards, points);
  return tf.mul(
    towards,
    norm === 'l1' ? steepestFirst(steep, room, gap) : evenly(norm, steep, room, gap),
  );
}

function steepestFirst(steep: tf.Tensor, room: tf.Tensor, gap: tf.Tensor): tf.Tensor {
  return tf.mul(room, greedyShares(steep, tf.mul(steep, room), gap));
}

/**
 * min(λ b, room) of the one λ: its sum is concave in λ, so that Newton's method from below ends at it (the pixels
 * at their bounds are then known).
 */
function evenly(norm: 'linf' | 'l2', steep: tf.Tensor, room: tf.Tensor, gap: tf.Tensor): tf.Tensor {
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
  return tf.minimum(tf.mul(rate, spread(lambda, rate)), room);
}

/** The residual in the units of the scaled normal. */
function inUnits(residual: tf.Tensor, normal: tf.Tensor): tf.Tensor {
  return quotient(residual, maxEach(tf.abs(normal)));
}
