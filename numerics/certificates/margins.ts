/** Lower bounds of the margins z_y - z_j by which the logit of an image's class exceeds each other one. */
import * as tf from '@tensorflow/tfjs';
import { affine, type Interval } from './interval.js';

/** From the box of the logits [batch, classes] and one-hot labels: z̲_y - z̄_j for each j, [batch, classes]; 0 at y. */
export function boxMargins({ lower, upper }: Interval, labels: tf.Tensor): tf.Tensor {
  const own = tf.sum(tf.mul(lower, labels), 1, true);
  return tf.mul(tf.sub(own, upper), tf.sub(1, labels));
}

/**
 * From the box of the features [batch, in] before the last dense layer, W [in, classes] and b [classes]: the lower
 * bound of (W_y - W_j) x + b_y - b_j for each j, [batch, classes], which never is below that of the box of the logits
 * (Jafarpour et al. 2022, eq. 8 and lemma 3).
 */
export function relativeMargins(
  box: Interval,
  weight: tf.Tensor,
  bias: tf.Tensor,
  labels: tf.Tensor,
): tf.Tensor {
  const classes = weight.shape[1]!;
  // Differences of every pair of classes, [in, y · classes + j]; the label picks its own.
  const pairs = (w: tf.Tensor): tf.Tensor =>
    tf.reshape(tf.sub(tf.reshape(w, [-1, classes, 1]), tf.reshape(w, [-1, 1, classes])), [
      -1,
      classes * classes,
    ]);
  const [difference, offset] = [pairs(weight), tf.reshape(pairs(bias), [-1])];
  const by = (w: tf.Tensor) => (x: tf.Tensor) => tf.matMul<tf.Tensor>(x, w);
  const { lower } = affine(box, by(difference), by(tf.abs(difference)), offset);
  const each = tf.reshape(lower, [-1, classes, classes]);
  return tf.sum(tf.mul(each, tf.reshape(labels, [-1, classes, 1])), 1);
}

/** The smallest of the margins over j ≠ y, [batch]: above 0, no image of the box is classified otherwise. */
export function smallestMargin(margins: tf.Tensor, labels: tf.Tensor): tf.Tensor {
  // Larger than any margin that decides anything, so that the class itself is never the smallest.
  return tf.min(tf.add(margins, tf.mul(labels, 1e9)), 1);
}
