/** The operations in which attacks under different norms differ. */
import type * as tf from '@tensorflow/tfjs';
import type { AttackNorm } from '../../../experiment/attacks/attack-fields.js';
import type { Draws } from '../../graph/draws.js';

/** A norm as attacks use it; images are [batch, height, width, channels] in [0,1]. */
export interface Norm {
  readonly name: AttackNorm;
  /** The step of unit length from these images that increases a loss with this gradient fastest, like the images. */
  direction(gradient: tf.Tensor, images: tf.Tensor): tf.Tensor;
  /** The nearest point of the ball of radius epsilon around the centre that is an image in [0,1]. */
  project(images: tf.Tensor, centre: tf.Tensor, epsilon: tf.Tensor): tf.Tensor;
  /** A random point of that ball. */
  randomStart(centre: tf.Tensor, epsilon: tf.Tensor, draws: Draws): tf.Tensor;
  /** Norm of each image of a batch of perturbations, [batch]. */
  length(change: tf.Tensor): tf.Tensor;
  /** By how much float32 may take a projected point out of a ball of this radius. */
  slack(epsilon: number): number;
}
