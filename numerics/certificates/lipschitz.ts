/** The ℓ∞ Lipschitz constant of a network whose last two layers are an implicit and a dense one. */
import * as tf from '@tensorflow/tfjs';
import { matrixMeasure } from '../implicit/parametrisation.js';

/** Weights of the two layers, and the factor of each input. */
export interface LipschitzWeights {
  /** B, transposed: [in, n]. */
  readonly input: tf.Tensor;
  /** A [n, n]. */
  readonly matrix: tf.Tensor;
  /** Weights d [n] of the norm max_i d_i |x_i|. */
  readonly d: tf.Tensor;
  /** C, transposed: [n, classes]. */
  readonly output: tf.Tensor;
  /** By how much a change of one of a pixel moves its input at most. */
  readonly perPixel: number;
}

/** ‖B‖ ‖C‖ / (1 - μ⁺) from pixels to logits, a scalar; the norms are those of d (Jafarpour et al. 2022, section 5). */
export function lipschitzConstant({
  input,
  matrix,
  d,
  output,
  perPixel,
}: LipschitzWeights): tf.Tensor {
  const entering = tf.max(tf.mul(tf.sum(tf.abs(input), 0), d));
  const leaving = tf.max(tf.sum(tf.div(tf.abs(output), tf.reshape(d, [-1, 1])), 0));
  const gap = tf.sub(1, tf.maximum(matrixMeasure(matrix, d), 0));
  return tf.div(tf.mul(tf.mul(entering, leaving), perPixel), gap);
}
