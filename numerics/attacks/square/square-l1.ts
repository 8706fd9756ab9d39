/** Squares under l1, projected onto ball and pixel range together (Croce and Hein 2021, Mind the box). */
import * as tf from '@tensorflow/tfjs';
import { projectL1 } from '../norms/l1-projection.js';
import { spread, sumEach } from '../../graph/per-image.js';
import { bumpSquares } from './square-bumps.js';
import type { ImageShape } from '../procedure/attack.js';
import type { Proposal } from './square.js';

/**
 * The box cuts off a part of each perturbation, so it is made longer than the ball by this before projection:
 * the projection then leaves its peaks.
 */
const overspent = 8;
const tiny = 1e-12;

/** Proposals under l1 in a ball of radius epsilon; images must be square. */
export function l1Squares(shape: ImageShape, epsilon: number): Proposal {
  const spent = (change: tf.Tensor): tf.Tensor => spread(sumEach(tf.abs(change)), change);
  return bumpSquares(shape, {
    budget: epsilon,
    power: (x) => tf.abs(x),
    root: (sums) => sums,
    spent,
    moved(images, change) {
      const longer = tf.mul(tf.div(change, tf.add(spent(change), tiny)), overspent * epsilon);
      return projectL1(tf.add(images, longer), images, tf.scalar(epsilon));
    },
  });
}
