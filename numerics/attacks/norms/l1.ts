/** The l1 ball: what all pixels together may change. */
import * as tf from '@tensorflow/tfjs';
import type { Draws } from '../../graph/draws.js';
import { projectL1 } from './l1-projection.js';
import { gapInBall } from './gap-in-ball.js';
import type { Norm } from './norm.js';
import { flat, maxEach, select, spread, sumEach } from '../../graph/per-image.js';

/**
 * A step moves the `pixels` entries of largest gradient that are not at their bound already, all
 * by the same: one is the steepest direction, more are the steps of SLIDE (Tramèr and Boneh 2019).
 */
export function l1(pixels = 1): Norm {
  return {
    name: 'l1',
    direction(gradient, images) {
      const stuck = tf.logicalOr(
        tf.logicalAnd(tf.greater(gradient, 0), tf.greaterEqual(images, 1)),
        tf.logicalAnd(tf.less(gradient, 0), tf.lessEqual(images, 0)),
      );
      const free = select(stuck, tf.scalar(0), gradient);
      return largest(free, pixels);
    },
    project: projectL1,
    // Exponential variates over their sum, with one more that is left out, are uniform in the simplex.
    randomStart(centre, epsilon, draws) {
      const sizes = exponential(centre.shape, draws, 0);
      const rest = exponential([centre.shape[0]], draws, 1);
      const signs = tf.sign(tf.sub(draws.uniform(centre.shape, 2), 0.5));
      const total = spread(tf.add(sumEach(sizes), rest), centre);
      const step = tf.mul(tf.mul(signs, tf.div(sizes, total)), epsilon);
      return this.project(tf.add(centre, step), centre, epsilon);
    },
    gap(gradient, x, centre, epsilon) {
      return gapInBall(gradient, x, centre, this.gapAtCentre(gradient, epsilon));
    },
    gapAtCentre: (gradient, epsilon) => tf.mul(maxEach(tf.abs(gradient)), epsilon),
    length: (change) => sumEach(tf.abs(change)),
    slack: (epsilon) => 1e-5 * epsilon + 2e-6,
  };
}

/** Signs of the `count` entries of largest magnitude, over `count`. */
function largest(gradient: tf.Tensor, count: number): tf.Tensor {
  const entries = flat(gradient);
  const { indices } = tf.topk(tf.abs(entries), count);
  const mask = tf.sum(tf.oneHot(indices.toInt(), entries.shape[1]), 1).toFloat(); // [batch, n]
  return tf.reshape(tf.mul(tf.sign(entries), tf.div(mask, count)), gradient.shape);
}

function exponential(shape: readonly number[], draws: Draws, k: number): tf.Tensor {
  return tf.neg(tf.log(tf.sub(1, draws.uniform(shape, k))));
}
