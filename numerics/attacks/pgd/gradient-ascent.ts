/** Projected gradient ascent on the images: FGSM is one step, BIM starts at the image, PGD at random. */
import * as tf from '@tensorflow/tfjs';
import type { ImageGradient } from '../../losses/training-loss.js';
import { batchDraws } from '../../graph/draws.js';
import type { Norm } from '../norms/norm.js';

/** The ball around the images in which an attack searches. */
export interface Ball {
  readonly norm: Norm;
  /** Radius, in [0,1] pixel units; a scalar tensor, so that it may change between calls. */
  readonly epsilon: tf.Tensor;
}

/** Settings of one gradient ascent. */
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
  lossGradient: ImageGradient,
  images: tf.Tensor,
  norm: Norm,
  { steps, ...ascent }: Ascent,
): tf.Tensor {
  let x = startingPoint(images, norm, ascent);
  for (let i = 0; i < steps; i++) x = climb(x, lossGradient, images, norm, ascent);
  return x;
}

/** The images, or a random point of the ball around them; [batch, height, width, channels]. */
export function startingPoint(
  images: tf.Tensor,
  norm: Norm,
  { epsilon, startSeed }: Pick<Ascent, 'epsilon' | 'startSeed'>,
): tf.Tensor {
  return startSeed ? norm.randomStart(images, epsilon, batchDraws(startSeed)) : images;
}

/** One step of the ascent from x: project(x + stepSize · direction(∇loss(x))). */
export function climb(
  x: tf.Tensor,
  lossGradient: ImageGradient,
  images: tf.Tensor,
  norm: Norm,
  { epsilon, stepSize }: Pick<Ascent, 'epsilon' | 'stepSize'>,
): tf.Tensor {
  return projectedStep(x, lossGradient(x), stepSize, images, { norm, epsilon });
}

/** project(x + stepSize · direction(gradient)) onto the ball around the centre and [0,1]. */
export function projectedStep(
  x: tf.Tensor,
  gradient: tf.Tensor,
  stepSize: tf.Tensor,
  centre: tf.Tensor,
  { norm, epsilon }: Ball,
): tf.Tensor {
  const step = tf.mul(norm.direction(gradient, x), stepSize);
  return norm.project(tf.add(x, step), centre, epsilon);
}
