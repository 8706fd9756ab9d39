/** Arithmetic on batches of images in which each image has numbers of its own, [batch]. */
import * as tf from '@tensorflow/tfjs';
import { nativeOp } from './native.js';

/** x [batch, …] to [batch, everything else]. */
export function flat(x: tf.Tensor): tf.Tensor2D {
  return tf.reshape(x, [x.shape[0], -1]);
}

/** Σ over each image's entries, [batch]. */
export function sumEach(x: tf.Tensor): tf.Tensor {
  return tf.sum(flat(x), 1);
}

/** Largest of each image's entries, [batch]. */
export function maxEach(x: tf.Tensor): tf.Tensor {
  return tf.max(flat(x), 1);
}

/** v [batch] as [batch, 1, …, 1], to be broadcast against `like`. */
export function spread(v: tf.Tensor, like: tf.Tensor): tf.Tensor {
  return tf.reshape(v, [v.shape[0], ...like.shape.slice(1).map(() => 1)]);
}

/** a where the condition holds, else b; all three are broadcast against each other. */
export function select(condition: tf.Tensor, a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return nativeOp('SelectV2', [condition, a, b]);
}

/** The images of a where the condition [batch] holds, else those of b, of the same shape; whole rows are copied. */
export function selectImages(condition: tf.Tensor, a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return nativeOp('Select', [condition, a, b]);
}

/** Each image's entries divided by the largest of them in magnitude: squares of the result do not underflow. */
export function scaled(x: tf.Tensor): tf.Tensor {
  const largest = maxEach(tf.abs(x));
  const divisor = select(tf.greater(largest, 0), largest, tf.scalar(1));
  return tf.div(x, spread(divisor, x));
}

/** Euclidean length of each image, [batch]. */
export function lengthEach(x: tf.Tensor): tf.Tensor {
  return tf.sqrt(sumEach(tf.square(x)));
}

/** Each image divided by its Euclidean length; zero stays zero. */
export function unit(x: tf.Tensor): tf.Tensor {
  const y = scaled(x);
  return tf.div(y, spread(tf.maximum(lengthEach(y), 1e-12), y));
}

/** Another seed [2] (int32) for the k-th draw that one seed decides. */
export function draw(seed: tf.Tensor, k: number): tf.Tensor {
  return tf.add(seed, tf.tensor1d([0, k], 'int32'));
}

/** 1 where the condition holds, else 0. */
export function indicator(condition: tf.Tensor): tf.Tensor {
  return tf.cast(condition, 'float32');
}

/** Entry `index` [batch] of each row; past the end, the last. */
export function column(rows: tf.Tensor, index: tf.Tensor): tf.Tensor {
  const last = tf.scalar(rows.shape[1]! - 1, 'int32');
  const chosen = tf.oneHot(tf.minimum(index, last).toInt(), rows.shape[1]!);
  return tf.sum(tf.mul(rows, tf.cast(chosen, 'float32')), 1);
}

/** a / b, and 0 where b is 0. */
export function quotient(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const some = tf.greater(b, 0);
  return select(some, tf.div(a, select(some, b, tf.scalar(1))), tf.scalar(0));
}

/** How far the pixel range [0,1] lets each entry of x go in the direction's sign; where that is 0, down. */
export function roomAlong(direction: tf.Tensor, x: tf.Tensor): tf.Tensor {
  return select(tf.greater(direction, 0), tf.sub(1, x), x);
}
