/** The l-infinity ball: every pixel may change by epsilon. */
import * as tf from '@tensorflow/tfjs';
import { nativeOp, typeAttribute } from '../graph/native.js';
import type { Norm } from './norm.js';

export const linf: Norm = {
  direction: (gradient) => tf.sign(gradient),
  project(images, centre, epsilon) {
    const lower = tf.maximum(tf.sub(centre, epsilon), 0);
    const upper = tf.minimum(tf.add(centre, epsilon), 1);
    return tf.minimum(tf.maximum(images, lower), upper);
  },
  randomStart(centre, epsilon, seed) {
    const noise = tf.sub(tf.mul(uniformLike(centre, seed), 2), 1); // in [-1, 1)
    return this.project(tf.add(centre, tf.mul(noise, epsilon)), centre, epsilon);
  },
};

/** Uniform in [0,1) by TensorFlow's counter-based generator (Philox): the seed alone decides it. */
function uniformLike(x: tf.Tensor, seed: tf.Tensor): tf.Tensor {
  const attributes = [
    typeAttribute('dtype', 'TF_FLOAT'),
    typeAttribute('T', 'TF_INT32'),
    typeAttribute('Tseed', 'TF_INT32'),
  ];
  return nativeOp('StatelessRandomUniform', [tf.tensor1d(x.shape, 'int32'), seed], attributes);
}
