/** What gradient ascent is against: how it gets on there, and what it has done in the end. */
import type * as tf from '@tensorflow/tfjs';
import { scores } from '../evaluation.js';
import { exactly } from '../graph/exactly.js';
import type { Model } from '../models/model.js';
import type { ParameterTensors } from '../parameters.js';
import { imageGradient, type ImageGradient } from '../training/loss.js';

export interface Target {
  /** Whose weights it takes. */
  readonly model: Model;
  /** Of the loss that is to grow, in the images; labels are one-hot [batch, classes]. */
  gradient(weights: ParameterTensors, labels: tf.Tensor): ImageGradient;
  /** Cross-entropy [batch] and whether, or how likely, each image is misclassified [batch]. */
  scores(
    weights: ParameterTensors,
    images: tf.Tensor,
    labels: tf.Tensor,
  ): readonly [nll: tf.Tensor, wrong: tf.Tensor];
}

/** One network, by its cross-entropy. */
export function networkTarget(model: Model): Target {
  return {
    model,
    gradient: (weights, labels) => imageGradient(model, weights, labels),
    scores: (weights, images, labels) =>
      exactly(() => scores(model.apply(weights, images), labels)),
  };
}
