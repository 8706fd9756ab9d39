/** What gradient ascent is against: how it gets on there, and what it has done in the end. */
import * as tf from '@tensorflow/tfjs';
import { scores } from '../../evaluation/evaluate.js';
import { exactly } from '../../graph/in-float32.js';
import type { Model } from '../../models/model.js';
import type { ParameterTensors } from '../../models/parameters.js';
import { imageGradient, type ImageGradient } from '../../losses/training-loss.js';
import type { Outcome } from './outcomes.js';

/** Of each image, [batch]; of a random target, `wrong` is how likely it is misclassified and `predicted` the likeliest class. */
export type TargetScores = Omit<Outcome<tf.Tensor>, 'distance'>;

export interface Target {
  /** Whose weights it takes. */
  readonly model: Model;
  /** Of the loss that is to grow, in the images; labels are one-hot [batch, classes]. */
  gradient(weights: ParameterTensors, labels: tf.Tensor): ImageGradient;
  scores(weights: ParameterTensors, images: tf.Tensor, labels: tf.Tensor): TargetScores;
}

/** Cross-entropy, misclassification and class of each image, [batch] float32, of logits and one-hot labels [batch, classes]. */
export function targetScores(logits: tf.Tensor, labels: tf.Tensor): TargetScores {
  const [nll, wrong] = scores(logits, labels);
  return { nll, wrong, predicted: tf.cast(tf.argMax(logits, 1), 'float32') };
}

/** One network, by its cross-entropy. */
export function networkTarget(model: Model): Target {
  return {
    model,
    gradient: (weights, labels) => imageGradient(model, weights, labels),
    scores: (weights, images, labels) =>
      exactly(() => targetScores(model.apply(weights, images), labels)),
  };
}
