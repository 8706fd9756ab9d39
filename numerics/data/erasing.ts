/** Random erasing of training images (Zhong et al. 2020), inside the graph. */
import * as tf from '@tensorflow/tfjs';
import type { Erasing } from '../../experiment/specs/training.js';
import { draw, select } from '../graph/per-image.js';
import { uniformTensor } from '../graph/uniform.js';

/** Least height over width of a rectangle; the largest is its inverse. */
const leastAspect = 0.3;

/**
 * Each image [h, w, c] of a batch: with `probability`, a rectangle of it becomes uniform noise. Its area is uniform
 * between the two bounds, height over width log-uniform in [0.3, 1 / 0.3], its place uniform; a rectangle that is
 * longer than the image is cut to it (the paper draws again). The seed [2] (int32) decides.
 */
export function erase(
  images: tf.Tensor,
  { probability, leastArea, mostArea }: Erasing,
  seed: tf.Tensor,
): tf.Tensor {
  const [batch, height, width] = images.shape as [number, number, number, number];
  const [chance, size, shape, down, across] = tf.unstack(uniformTensor([5, batch], seed)) as [
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
  ];
  const area = tf.add(tf.mul(size, (mostArea - leastArea) * height * width), leastArea * height * width); // prettier-ignore
  const aspect = tf.exp(tf.mul(tf.sub(tf.mul(shape, 2), 1), -Math.log(leastAspect)));
  const inRows = within(height, tf.sqrt(tf.mul(area, aspect)), down);
  const inColumns = within(width, tf.sqrt(tf.div(area, aspect)), across);
  const inside = tf.logicalAnd(
    tf.reshape(inRows, [batch, height, 1, 1]),
    tf.reshape(inColumns, [batch, 1, width, 1]),
  );
  const chosen = tf.reshape(tf.less(chance, probability), [batch, 1, 1, 1]);
  const noise = uniformTensor(images.shape, draw(seed, 1));
  return select(tf.logicalAnd(inside, chosen), noise, images);
}

/** Which of `side` pixels lie in a stretch of each image's `length` [batch], at a place drawn in [0, 1): [batch, side]. */
function within(side: number, length: tf.Tensor, place: tf.Tensor): tf.Tensor {
  const whole = tf.minimum(tf.maximum(tf.round(length), 1), side);
  const free = tf.sub(side, whole);
  const first = tf.minimum(tf.floor(tf.mul(place, tf.add(free, 1))), free);
  const pixels = tf.range(0, side).reshape([1, side]);
  const [from, to] = [first, tf.add(first, whole)].map((x) => tf.reshape(x, [-1, 1]));
  return tf.logicalAnd(tf.greaterEqual(pixels, from!), tf.less(pixels, to!));
}
