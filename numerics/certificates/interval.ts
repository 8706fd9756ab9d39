/** Boxes of values, entry by entry: what interval arithmetic carries from layer to layer. */
import * as tf from '@tensorflow/tfjs';

/** Every entry is between its two bounds; both have the shape of the values. */
export interface Interval {
  readonly lower: tf.Tensor;
  readonly upper: tf.Tensor;
}

/** The box of a function that falls nowhere: the function of both bounds. */
export function monotone({ lower, upper }: Interval, f: (x: tf.Tensor) => tf.Tensor): Interval {
  return { lower: f(lower), upper: f(upper) };
}

/**
 * The smallest box of an affine map x ↦ W x + b. `linear` is W x, `magnitude` is |W| x; of a box with centre c and
 * radius r it is W c + b ± |W| r (interval bound propagation: Gowal et al. 2018, eq. 6).
 */
export function affine(
  { lower, upper }: Interval,
  linear: (x: tf.Tensor) => tf.Tensor,
  magnitude: (x: tf.Tensor) => tf.Tensor,
  bias: tf.Tensor | null,
): Interval {
  const centre = tf.mul(tf.add(lower, upper), 0.5);
  const radius = magnitude(tf.mul(tf.sub(upper, lower), 0.5));
  const moved = linear(centre);
  const middle = bias === null ? moved : tf.add(moved, bias);
  return { lower: tf.sub(middle, radius), upper: tf.add(middle, radius) };
}

/** The pixels [batch, h, w, c] within ε of those of the images in ℓ∞, and within [0, 1]. */
export function pixelBox(images: tf.Tensor, epsilon: tf.Tensor): Interval {
  return {
    lower: tf.maximum(tf.sub(images, epsilon), 0),
    upper: tf.minimum(tf.add(images, epsilon), 1),
  };
}
