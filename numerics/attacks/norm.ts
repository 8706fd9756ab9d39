/** The three operations in which gradient attacks under different norms differ. */
import type * as tf from '@tensorflow/tfjs';

export interface Norm {
  /** The step of unit length that increases a loss with this gradient fastest. */
  direction(gradient: tf.Tensor): tf.Tensor;
  /** The nearest point of the ball of radius epsilon around the centre that is an image in [0,1]. */
  project(images: tf.Tensor, centre: tf.Tensor, epsilon: tf.Tensor): tf.Tensor;
  /** A random point of that ball; the seed [2] (int32) decides it. */
  randomStart(centre: tf.Tensor, epsilon: tf.Tensor, seed: tf.Tensor): tf.Tensor;
}
