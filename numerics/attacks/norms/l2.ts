/** The Euclidean ball. */
import * as tf from '@tensorflow/tfjs';
import { gapInBall } from './gap-in-ball.js';
import type { Norm } from './norm.js';
import { lengthEach, roomAlong, select, spread, sumEach, unit } from '../../graph/per-image.js';

/** Steps of the search for the scale below; most images need two or three. Any number leaves the result in the ball. */
const rounds = 8;

/** The Euclidean norm ||d||_2. */
export const l2: Norm = {
  name: 'l2',
  direction: (gradient) => unit(gradient),
  project: projectL2,
  // A direction that is uniform on the sphere, and a radius by which the volume is: u^(1/n).
  randomStart(centre, epsilon, draws) {
    const pixels = centre.shape.slice(1).reduce((product, size) => product * size, 1);
    const direction = unit(draws.normal(centre.shape));
    const radius = tf.pow(draws.uniform([centre.shape[0]], 1), 1 / pixels);
    const step = tf.mul(direction, spread(tf.mul(radius, epsilon), centre));
    return this.project(tf.add(centre, step), centre, epsilon);
  },
  gap: (gradient, x, centre, epsilon) =>
    gapInBall(gradient, x, centre, l2.gapAtCentre(gradient, epsilon)),
  gapAtCentre: (gradient, epsilon) => tf.mul(lengthEach(gradient), epsilon),
  length: lengthEach,
  slack: (epsilon) => 1e-5 * epsilon + 2e-7,
};

/**
 * The nearest point is clip(c + s·d, 0, 1) for the change d and the one s ≤ 1 that gives it length epsilon
 * (the multiplier of the ball; the box acts on each pixel alone). With the set of clipped pixels
 * known, s² = (ε² − Σ_clipped room²) / Σ_free d²; sets and s grow together from s = ε/||d||, so that
 * every round stays in the ball and the search ends at the exact s.
 */
function projectL2(images: tf.Tensor, centre: tf.Tensor, epsilon: tf.Tensor): tf.Tensor {
  const change = tf.sub(images, centre);
  const size = tf.abs(change);
  const room = roomAlong(change, centre);
  const squares = tf.square(size);
  const roomSquares = tf.square(room);
  const one = tf.onesLike(sumEach(change));
  let scale = tf.minimum(one, scaleTo(tf.square(epsilon), sumEach(squares)));
  for (let i = 0; i < rounds; i++) {
    const clipped = tf.greater(tf.mul(size, spread(scale, size)), room);
    const taken = sumEach(select(clipped, roomSquares, tf.scalar(0)));
    const free = sumEach(select(clipped, tf.scalar(0), squares));
    const left = tf.maximum(tf.sub(tf.square(epsilon), taken), 0);
    scale = tf.minimum(one, tf.maximum(scale, scaleTo(left, free)));
  }
  const moved = tf.add(centre, tf.mul(change, spread(scale, change)));
  return tf.minimum(tf.maximum(moved, 0), 1);
}

/** s with s² · squares = left; 1 where nothing is free to move. */
function scaleTo(left: tf.Tensor, squares: tf.Tensor): tf.Tensor {
  const some = tf.greater(squares, 0);
  const safe = select(some, squares, tf.scalar(1));
  return select(some, tf.sqrt(tf.div(left, safe)), tf.scalar(1));
}
