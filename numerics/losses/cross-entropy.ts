/** Cross-entropy of single images. */
import * as tf from '@tensorflow/tfjs';
import { nativeOps } from '../graph/native.js';

/**
 * Cross-entropy of each image: -Σ_c y_c log softmax(z)_c.
 * logits and labels are [batch, classes], labels one-hot; returns [batch], in nats.
 */
export const crossEntropies: (logits: tf.Tensor, labels: tf.Tensor) => tf.Tensor = tf.customGrad(
  (logits, labels, save) => {
    // The kernel's second output is its own gradient, softmax(z) - y.
    const [value, gradient] = nativeOps(
      'SoftmaxCrossEntropyWithLogits',
      [logits as tf.Tensor, labels as tf.Tensor],
      2,
    );
    (save as tf.GradSaveFunc)([balanced(gradient!, labels as tf.Tensor)]);
    return {
      value: value!,
      gradFunc: (upstream, [saved]) => [
        tf.mul(tf.reshape(upstream, [-1, 1]), saved!),
        tf.zerosLike(saved!),
      ],
    };
  },
);

/**
 * softmax(z) - y [batch, classes] with the entry of the label as minus the sum of the others, which it is:
 * where the network is sure, p - 1 has lost most of its digits in float32.
 */
function balanced(gradient: tf.Tensor, labels: tf.Tensor): tf.Tensor {
  return tf.sub(gradient, tf.mul(labels, tf.sum(gradient, 1, true)));
}
