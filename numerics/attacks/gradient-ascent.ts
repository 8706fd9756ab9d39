/** Projected gradient ascent on the images: FGSM is one step, BIM starts at the image, PGD at random. */
import * as tf from '@tensorflow/tfjs';
import type { Norm } from './norm.js';

export interface Ascent {
  /** Radius of the ball, in [0,1] pixel units; a scalar tensor, so that it may change between calls. */
  readonly epsilon: tf.Tensor;
  /** Length of one step, in the same units; a scalar tensor. */
  readonly stepSize: tf.Tensor;
  readonly steps: number;
  /** Seed [2] (int32) of the random start, or null to start at the images. */
  readonly startSeed: tf.Tensor | null;
}

/**
 * x ← project(x + stepSize · direction(∇loss(x))), `steps` times (Madry et al. 2018, section 2.1).
 * `lossGradient` and the result are [batch, height, width, channels]; the result is in the ball
 * and in [0,1].
 */
export function ascend(
  lossGradient: (images: tf.Tensor) => tf.Tensor,
  images: tf.Tensor,
  norm: Norm,
  { epsilon, stepSize, steps, startSeed }: Ascent,
): tf.Tensor {
  let x = startSeed ? norm.randomStart(images, epsilon, startSeed) : images;
  for (let i = 0; i < steps; i++) {
    const step = tf.mul(norm.direction(lossGradient(x)), stepSize);
    x = norm.project(tf.add(x, step), images, epsilon);
  }
  return x;
}
