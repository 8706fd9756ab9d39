/** The l-infinity ball: every pixel may change by epsilon. */
import * as tf from '@tensorflow/tfjs';
import type { Norm } from './norm.js';
import { maxEach, sumEach } from '../../graph/per-image.js';

/** The maximum norm max_i |d_i|. */
export const linf: Norm = {
  name: 'linf',
  direction: (gradient) => tf.sign(gradient),
  project(images, centre, epsilon) {
    const lower = tf.maximum(tf.sub(centre, epsilon), 0);
    const upper = tf.minimum(tf.add(centre, epsilon), 1);
    return tf.minimum(tf.maximum(images, lower), upper);
  },
  randomStart(centre, epsilon, draws) {
    const noise = tf.sub(tf.mul(draws.uniform(centre.shape), 2), 1); // in [-1, 1)
    return this.project(tf.add(centre, tf.mul(noise, epsilon)), centre, epsilon);
  },
  gap(gradient, x, centre, epsilon) {
    const lower = tf.maximum(tf.sub(centre, epsilon), 0);
    const upper = tf.minimum(tf.add(centre, epsilon), 1);
    const [up, down] = [upper, lower].map((bound) => tf.mul(gradient, tf.sub(bound, x)));
    return sumEach(tf.maximum(tf.maximum(up!, down!), 0));
  },
  gapAtCentre: (gradient, epsilon) => tf.mul(sumEach(tf.abs(gradient)), epsilon),
  length: (change) => maxEach(tf.abs(change)),
  // float32 rounding of x ± epsilon with |x| ≤ 1 stays below this.
  slack: () => 2e-7,
};
