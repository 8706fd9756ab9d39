/** Squares of one colour at a corner of the l-infinity ball; the search begins at vertical stripes. */
import * as tf from '@tensorflow/tfjs';
import { linf } from '../norms/linf.js';
import type { ImageShape } from '../procedure/attack.js';
import { signs, window, type Proposal } from './square.js';
import { squareSide } from './square-schedule.js';

/** Proposals under l-infinity in a ball of radius epsilon. */
export function linfSquares([height, width]: ImageShape, epsilon: number): Proposal {
  const into = (x: tf.Tensor, images: tf.Tensor): tf.Tensor =>
    linf.project(x, images, tf.scalar(epsilon));
  return {
    numbers: (place) => [tf.scalar(squareSide(place, height, width, 1))],
    first(images, draws) {
      const [batch, , columns, channels] = images.shape as [number, number, number, number];
      const stripes = signs([batch, 1, columns, channels], draws, 0);
      return into(tf.add(images, tf.mul(stripes, epsilon)), images);
    },
    next(images, best, { draws, numbers: [side] }) {
      const { mask } = window(images, side!, draws, 0);
      const colour = signs([images.shape[0], 1, 1, images.shape[3]!], draws, 2);
      // From anywhere in the ball, 2 epsilon lead to its bound.
      return into(tf.add(best, tf.mul(mask, tf.mul(colour, 2 * epsilon))), images);
    },
  };
}
