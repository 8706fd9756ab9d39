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
  /**
   * max ⟨gradient, z − x⟩ over the z of the ball around the centre, [batch]: the Frank-Wolfe gap at x. Under linf z is
   * an image in [0,1], too; under l2 and l1 any point of the ball, so that the gap is an upper bound.
   */
  gap(gradient: tf.Tensor, x: tf.Tensor, centre: tf.Tensor, epsilon: number): tf.Tensor;
  /** epsilon times the dual norm of each gradient, [batch]: the gap at the centre of a ball inside the pixel range. */
  gapAtCentre(gradient: tf.Tensor, epsilon: number): tf.Tensor;
  /** Norm of each image of a batch of perturbations, [batch]. */
  length(change: tf.Tensor): tf.Tensor;
  /** By how much float32 may take a projected point out of a ball of this radius. */
  slack(epsilon: number): number;
}
