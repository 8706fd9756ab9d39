/** Which class a targeted attack aims at, image by image. */
import * as tf from '@tensorflow/tfjs';
import { otherClass } from '../../losses/logit-order.js';
import type { Victim } from './victim.js';

/** The same class for every image; or the k-th most likely of the other classes, where `fed` says k. */
export type AimChoice = { readonly class: number } | 'fed';

/** One-hot [batch, classes]. */
export function aimOf(choice: AimChoice, victim: Victim, rank: tf.Tensor): tf.Tensor {
  const { images, labels } = victim;
  if (choice === 'fed') return otherClass(victim.logits(images), labels, rank);
  const row = tf.oneHot(tf.tensor1d([choice.class], 'int32'), labels.shape[1]!);
  return tf.add(tf.zerosLike(labels), tf.cast(row, 'float32'));
}
