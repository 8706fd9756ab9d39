/** Steps under l1 that know the pixel range: sparse ones, and the longest there is. */
import * as tf from '@tensorflow/tfjs';
import { greedyShares } from './fractional-knapsack.js';
import { column, flat, roomAlong, select, sumEach } from '../../graph/per-image.js';

/**
 * Signs of the `counts` [batch] entries of largest |gradient|, over how many they are: of l1 length 1. Entries
 * at their bound in the centre are left out, as no change of theirs stays; equal ones at the end all move.
 */
export function sparseDirection(
  gradient: tf.Tensor,
  counts: tf.Tensor,
  centre: tf.Tensor,
): tf.Tensor {
  const movable = tf.greater(roomAlong(gradient, centre), 0);
  const slopes = flat(select(movable, gradient, tf.scalar(0)));
  const steep = tf.abs(slopes);
  const { values } = tf.topk(steep, steep.shape[1]);
  const last = tf.maximum(tf.sub(tf.ceil(counts), 1), 0);
  const least = tf.reshape(column(values, last.toInt()), [-1, 1]);
  const signs = select(tf.greaterEqual(steep, least), tf.sign(slopes), tf.scalar(0));
  const moving = tf.reshape(tf.maximum(sumEach(tf.abs(signs)), 1), [-1, 1]);
  return tf.reshape(tf.div(signs, moving), gradient.shape);
}

/**
 * The point of ball and pixel range at which a loss with this gradient everywhere is largest: entries of falling
 * |gradient| go to their bound until the radius is spent (Croce and Hein 2021, Mind the box, proposition 3.1).
 */
export function steepestVertex(
  gradient: tf.Tensor,
  centre: tf.Tensor,
  radius: tf.Tensor,
): tf.Tensor {
  const room = roomAlong(gradient, centre);
  const each = tf.add(tf.zerosLike(sumEach(room)), radius);
  const moves = tf.mul(room, greedyShares(tf.abs(gradient), room, each));
  return tf.add(centre, tf.mul(tf.sign(gradient), moves));
}
