/**
 * Projection onto the l1 ball cut with the pixel range: Duchi et al. 2008 for the ball alone; with the
 * box, as in Croce and Hein 2021 (Mind the box), exactly, by sorting.
 */
import * as tf from '@tensorflow/tfjs';
import { column, flat, roomAlong, select, sumEach } from '../../graph/per-image.js';

/**
 * The nearest point moves each pixel by min(max(|d| − τ, 0), room) in the direction of its change d, where
 * room is how far the pixel range lets it go, with the one τ ≥ 0 at which these sum to epsilon.
 */
export function projectL1(images: tf.Tensor, centre: tf.Tensor, epsilon: tf.Tensor): tf.Tensor {
  const change = flat(tf.sub(images, centre));
  const at = flat(centre);
  const size = tf.abs(change);
  const room = roomAlong(change, at);
  const tau = tf.reshape(threshold(size, room, epsilon), [-1, 1]);
  const moved = moves(size, room, tau);
  const image = tf.add(at, tf.mul(tf.sign(change), moved));
  return tf.reshape(tf.minimum(tf.maximum(image, 0), 1), images.shape);
}

function moves(size: tf.Tensor, room: tf.Tensor, tau: tf.Tensor): tf.Tensor {
  return tf.minimum(tf.maximum(tf.sub(size, tau), 0), room);
}

/**
 * τ of each image [batch]; 0 where it is in the ball already. As τ falls from above all sizes, the sum
 * of the moves grows by one for each pixel between |d| and |d| − room: over the sorted ends of these
 * intervals that is two cumulative sums. The last interval's pixels then give τ without rounding of sums.
 */
function threshold(size: tf.Tensor, room: tf.Tensor, epsilon: tf.Tensor): tf.Tensor {
  const ends = tf.concat([size, tf.maximum(tf.sub(size, room), 0)], 1); // [batch, 2n]
  const n = size.shape[1]!;
  const { values, indices } = tf.topk(ends, 2 * n);
  const slopes = tf.cumsum(select(tf.less(indices, n), tf.scalar(1), tf.scalar(-1)), 1);
  const gaps = tf.sub(values.slice([0, 0], [-1, 2 * n - 1]), values.slice([0, 1], [-1, -1]));
  const sums = tf.cumsum(tf.mul(slopes.slice([0, 0], [-1, 2 * n - 1]), gaps), 1); // at values[1…]
  const below = tf.less(sums, epsilon);
  // The end just above τ, and the one just below it.
  const passed = tf.sum(tf.cast(below, 'int32'), 1);
  const upper = column(values, passed);
  const lower = column(values, tf.add(passed, tf.scalar(1, 'int32')));
  const middle = tf.reshape(tf.div(tf.add(upper, lower), 2), [-1, 1]);
  const moving = tf.greater(size, middle);
  const capped = tf.logicalAnd(moving, tf.greaterEqual(tf.sub(size, middle), room));
  const free = tf.logicalAnd(moving, tf.logicalNot(capped));
  const zero = tf.scalar(0);
  const total = tf.add(sumEach(select(free, size, zero)), sumEach(select(capped, room, zero)));
  const count = tf.sum(tf.cast(free, 'float32'), 1);
  const tau = tf.div(tf.sub(total, epsilon), tf.maximum(count, 1));
  const inside = tf.lessEqual(sumEach(tf.minimum(size, room)), epsilon);
  return select(inside, tf.scalar(0), tf.minimum(tf.maximum(tau, lower), upper));
}
