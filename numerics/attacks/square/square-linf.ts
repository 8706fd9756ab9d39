/** Squares of one colour at a corner of the l-infinity ball; the search begins at vertical stripes. */
import * as tf from '@tensorflow/tfjs';
import { linf } from '../norms/linf.js';
import { draw } from '../../graph/per-image.js';
import type { ImageShape } from '../procedure/attack.js';
import { signs, window, type Proposal } from './square.js';
import { squareSide } from './square-schedule.js';

/** Proposals under l-infinity in a ball of radius epsilon. */
export function linfSquares([height, width]: ImageShape, epsilon: number): Proposal {
  const into = (x: tf.Tensor, images: tf.Tensor): tf.Tensor =>
    linf.project(x, images, tf.scalar(epsilon));
  return {
    numbers: (place) => [tf.scalar(squareSide(place, height, width, 1))],
    first(images, seed) {
      const [batch, , columns, channels] = images.shape as [number, number, number, number];
      const stripes = signs([batch, 1, columns, channels], seed);
      return into(tf.add(images, tf.mul(stripes, epsilon)), images);
    },
    next(images, best, { seed, numbers: [side] }) {
      const { mask } = window(images, side!, seed);
      const colour = signs([images.shape[0], 1, 1, images.shape[3]!], draw(seed, 2));
      // From anywhere in the ball, 2 epsilon lead to its bound.
      return into(tf.add(best, tf.mul(mask, tf.mul(colour, 2 * epsilon))), images);
    },
  };
}
