/** Cross-entropy of single images. */
import * as tf from '@tensorflow/tfjs';
import { nativeBackend, nativeOp, nativeOps } from '../graph/native.js';

/**
 * Cross-entropy of each image: -Σ_c y_c log softmax(z)_c.
 * logits and labels are [batch, classes], labels one-hot; returns [batch], in nats.
 */
export const crossEntropies: (logits: tf.Tensor, labels: tf.Tensor) => tf.Tensor = tf.customGrad(
  (logits, labels, save) => {
    const [value, gradient] = valueAndGradient(logits as tf.Tensor, labels as tf.Tensor);
    (save as tf.GradSaveFunc)([balanced(gradient, labels as tf.Tensor)]);
    return {
      value,
      gradFunc: (upstream, [saved]) => [
        tf.mul(tf.reshape(upstream, [-1, 1]), saved!),
        tf.zerosLike(saved!),
      ],
    };
  },
);

/**
 * Cross-entropies [batch] and softmax(z) - y [batch, classes]; the kernel's second output is its gradient. That kernel
 * has no deterministic form on a GPU, where it raises (`TF_DETERMINISTIC_OPS`); TensorFlow's Python interface takes
 * log-softmax there as well.
 */
function valueAndGradient(logits: tf.Tensor, labels: tf.Tensor): [tf.Tensor, tf.Tensor] {
  if (nativeBackend().isUsingGpuDevice) {
    const logs = nativeOp('LogSoftmax', [logits]);
    const value = tf.neg(tf.sum(tf.mul(labels, logs), 1));
    return [value, tf.sub(nativeOp('Softmax', [logits]), labels)];
  }
  const [value, gradient] = nativeOps('SoftmaxCrossEntropyWithLogits', [logits, labels], 2);
  return [value!, gradient!];
}

/**
 * softmax(z) - y [batch, classes] with the entry of the label as minus the sum of the others, which it is:
 * where the network is sure, p - 1 has lost most of its digits in float32.
 */
function balanced(gradient: tf.Tensor, labels: tf.Tensor): tf.Tensor {
  return tf.sub(gradient, tf.mul(labels, tf.sum(gradient, 1, true)));
}
