/** What an attack has before it: a batch of images, and a network that it may ask about others. */
import * as tf from '@tensorflow/tfjs';
import type { Model } from '../../models/model.js';
import type { ParameterTensors } from '../../models/parameters.js';
import type { AttackLoss } from '../../losses/attack-losses.js';

export interface Victim {
  /** [batch, height, width, channels] */
  readonly images: tf.Tensor;
  /** One-hot [batch, classes]. */
  readonly labels: tf.Tensor;
  logits(images: tf.Tensor): tf.Tensor;
}

export function victimOf(
  model: Model,
  weights: ParameterTensors,
  images: tf.Tensor,
  labels: tf.Tensor,
): Victim {
  return { images, labels, logits: (x) => model.apply(weights, x) };
}

export interface Ascertained {
  /** Of each image, [batch]. */
  readonly losses: tf.Tensor;
  /** [batch, classes] */
  readonly logits: tf.Tensor;
  /** Of the summed losses with respect to the images, so of each image by itself. */
  readonly gradient: tf.Tensor;
}

/** Loss, logits and gradient at these images in one pass. */
export function ascertain(victim: Victim, loss: AttackLoss, images: tf.Tensor): Ascertained {
  const kept: tf.Tensor[] = [];
  try {
    const gradient = tf.grad((x: tf.Tensor) => {
      const logits = victim.logits(x);
      const losses = loss(logits);
      kept.push(tf.keep(logits), tf.keep(losses));
      return tf.sum(losses);
    })(images);
    const [logits, losses] = kept.map((tensor) => tf.clone(tensor));
    return { losses: losses!, logits: logits!, gradient };
  } finally {
    tf.dispose(kept);
  }
}

/** Which images are not taken for their class, [batch] bool. */
export function fooled(logits: tf.Tensor, labels: tf.Tensor): tf.Tensor {
  return tf.notEqual(tf.argMax(logits, 1), tf.argMax(labels, 1));
}
