/** Expectation over transformation: an attack on what is random follows the mean over draws of it. */
import * as tf from '@tensorflow/tfjs';

export type ImageGradient = (images: tf.Tensor) => tf.Tensor;

/**
 * The mean of the gradients of k draws of a random network (Athalye et al. 2018). A draw is a gradient of its
 * own: the network at a t drawn from a path, say.
 */
export function expectedGradient(draws: readonly ImageGradient[]): ImageGradient {
  if (draws.length === 0) throw new Error('an expectation needs at least one draw');
  return (images) => tf.div(tf.addN(draws.map((gradient) => gradient(images))), draws.length);
}
