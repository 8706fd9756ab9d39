/** Kullback-Leibler divergence between predictions. */
import * as tf from '@tensorflow/tfjs';

/**
 * KL(p || q) = Σ_c p_c (log p_c - log q_c) of each image, p = softmax(from), q = softmax(to);
 * both [batch, classes], the result [batch], in nats. Gradients go to both.
 */
export function divergences(from: tf.Tensor, to: tf.Tensor): tf.Tensor {
  const [p, q] = [tf.logSoftmax(from), tf.logSoftmax(to)];
  return tf.sum(tf.mul(tf.exp(p), tf.sub(p, q)), 1);
}
