/** Classes by the order of their logits, as one-hot rows: constants where a gradient is taken. */
import * as tf from '@tensorflow/tfjs';
import { select } from '../graph/per-image.js';

/** Below every logit; softer than −∞, which is no number after a multiplication by 0. */
const least = -3e38;

/** The k-th largest logit of each image, k = 1, 2, …: one-hot [batch, classes]. */
export function ranked(logits: tf.Tensor, k: number): tf.Tensor {
  const classes = logits.shape[1]!;
  const { indices } = tf.topk(logits, k);
  const last = tf.reshape(tf.slice(indices, [0, k - 1], [-1, 1]), [-1]).toInt() as tf.Tensor1D;
  return tf.cast(tf.oneHot(last, classes), 'float32');
}

/** The largest logit of each image but that of its class: one-hot [batch, classes]. */
export function runnerUp(logits: tf.Tensor, labels: tf.Tensor): tf.Tensor {
  return ranked(without(logits, labels), 1);
}

/**
 * The class that is `rank`-th most likely among those that are not the label's: one-hot [batch, classes].
 * The rank, 1, 2, …, is a tensor (float32) of one number for all images or of [batch], so that one graph serves all.
 */
export function otherClass(logits: tf.Tensor, labels: tf.Tensor, rank: tf.Tensor): tf.Tensor {
  const classes = logits.shape[1]!;
  const { indices } = tf.topk(without(logits, labels), classes);
  const places = tf.cast(tf.oneHot(indices.toInt(), classes), 'float32'); // [batch, place, class]
  const place = tf.reshape(tf.range(1, classes + 1), [1, classes, 1]);
  return tf.sum(
    tf.mul(places, tf.cast(tf.equal(place, tf.reshape(rank, [-1, 1, 1])), 'float32')),
    1,
  );
}

function without(logits: tf.Tensor, labels: tf.Tensor): tf.Tensor {
  return select(tf.greater(labels, 0), tf.scalar(least), logits);
}
