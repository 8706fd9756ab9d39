/** The target class of each image of a targeted attack. */
import * as tf from '@tensorflow/tfjs';
import { otherClass } from '../../losses/logit-order.js';
import { meanPrediction, type BatchUnderAttack } from './model-under-attack.js';

/** One class for every image; or the rank-th most likely of an image's other classes, where each pass tells the rank. */
export type TargetChoice = { readonly class: number } | 'by-rank';

/** Target classes, one-hot [batch, classes]; the ranks, 1, 2, …, are [batch] */
export function targetClasses(
  choice: TargetChoice,
  { images, labels, networks }: BatchUnderAttack,
  rank: tf.Tensor,
): tf.Tensor {
  if (choice === 'by-rank') {
    const prediction = meanPrediction(networks.map((network) => network(images)));
    return otherClass(prediction, labels, rank);
  }
  const row = tf.oneHot(tf.tensor1d([choice.class], 'int32'), labels.shape[1]!);
  return tf.add(tf.zerosLike(labels), tf.cast(row, 'float32'));
}
