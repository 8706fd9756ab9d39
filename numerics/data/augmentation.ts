/** Random flips and shifted crops of training images, inside the graph. */
import * as tf from '@tensorflow/tfjs';
import type { Augmentation } from '../../experiment/records/runs.js';
import { attribute, nativeOp, typeAttribute } from '../graph/native.js';
import { uniformTensor } from '../graph/uniform.js';

/**
 * Each image [h, w, c] of a batch: with `flip`, mirrored left to right with probability 1/2; then cropped to its
 * own size out of itself with `padding` zeros on every side, at a uniform place. The seed [2] (int32) decides.
 */
export function augment(
  images: tf.Tensor,
  { flip, padding }: Augmentation,
  seed: tf.Tensor,
): tf.Tensor {
  const [batch, height, width] = images.shape as [number, number, number, number];
  const [mirror, across, down] = tf.unstack(uniformTensor([3, batch], seed)) as [
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
  ];
  const mirrored = flip ? tf.cast(tf.less(mirror, 0.5), 'float32') : tf.zerosLike(mirror);
  const [none, one] = [tf.zerosLike(mirror), tf.onesLike(mirror)];
  // Column x of the result is column sign · x + from of the image.
  const sign = tf.sub(1, tf.mul(mirrored, 2));
  const from = tf.add(tf.mul(mirrored, width - 1), shift(across, padding));
  const rows = [sign, none, from, none, one, shift(down, padding), none, none];
  return nativeOp(
    'ImageProjectiveTransformV3',
    [images, tf.stack(rows, 1), tf.tensor1d([height, width], 'int32'), tf.scalar(0)],
    [
      typeAttribute('dtype', 'TF_FLOAT'),
      // Positions are whole numbers, so that nearest is exact.
      attribute('interpolation', 'TF_ATTR_STRING', 'NEAREST'),
      attribute('fill_mode', 'TF_ATTR_STRING', 'CONSTANT'),
    ],
  );
}

/** A whole number, uniform in -padding … padding, from a draw in [0, 1). */
function shift(draw: tf.Tensor, padding: number): tf.Tensor {
  const places = tf.floor(tf.mul(draw, 2 * padding + 1));
  return tf.sub(tf.minimum(places, 2 * padding), padding);
}
