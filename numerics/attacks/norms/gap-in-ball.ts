/** The Frank-Wolfe gap in a ball of any norm, without the pixel range. */
import * as tf from '@tensorflow/tfjs';
import { sumEach } from '../../graph/per-image.js';

/** ε ||g||_* − ⟨g, x − centre⟩, the first term given as `atCentre`; [batch], at least 0. */
export function gapInBall(
  gradient: tf.Tensor,
  x: tf.Tensor,
  centre: tf.Tensor,
  atCentre: tf.Tensor,
): tf.Tensor {
  const gained = sumEach(tf.mul(gradient, tf.sub(x, centre)));
  return tf.maximum(tf.sub(atCentre, gained), 0);
}
