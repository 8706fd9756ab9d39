/** The training loss and its gradients: cross-entropy of a batch, beside other images theirs or a divergence. */
import * as tf from '@tensorflow/tfjs';
import { observing, type Observe } from '../models/batch-norm.js';
import { crossEntropies } from '../losses/cross-entropy.js';
import type { Model, Training } from '../models/model.js';
import type { ParameterTensors } from '../models/parameters.js';
import { divergences } from './kl-divergence.js';

/** A batch as tensors: images [batch, h, w, c], one-hot labels [batch, classes], weights [batch]. */
export interface BatchTensors {
  readonly images: tf.Tensor;
  readonly labels: tf.Tensor;
  /** 1 for an image, 0 for padding. */
  readonly weights: tf.Tensor;
}

/** Σ_i a_i CE_i / Σ_i a_i with the batch's weights a: the mean over its real images. Scalar, nats. */
export function batchNll(
  model: Model,
  parameters: ParameterTensors,
  { images, labels, weights }: BatchTensors,
  training: Training | null = null,
): tf.Tensor {
  return weightedMean(
    crossEntropies(predicted(model, parameters, images, training), labels),
    weights,
  );
}

/** (1 - ε) y + ε / classes for one-hot labels y [batch, classes] (Szegedy et al. 2016, section 7). */
function smooth(batch: BatchTensors, epsilon: number | undefined): BatchTensors {
  if (epsilon === undefined) return batch;
  const { labels } = batch;
  return { ...batch, labels: tf.add(tf.mul(labels, 1 - epsilon), epsilon / labels.shape[1]!) };
}

function predicted(
  model: Model,
  parameters: ParameterTensors,
  images: tf.Tensor,
  training: Training | null,
): tf.Tensor {
  return training && model.train
    ? model.train(parameters, images, training)
    : model.apply(parameters, images);
}

/** Over the real images of a batch; `each` and weights are [batch]. */
function weightedMean(each: tf.Tensor, weights: tf.Tensor): tf.Tensor {
  return tf.div(tf.sum(tf.mul(each, weights)), tf.sum(weights));
}

/**
 * The objective with what is beside the batch (`Against`), a scalar []; with a worst case, the mean of the two losses by
 * its weight.
 */
function batchObjective(
  model: Model,
  parameters: ParameterTensors,
  batch: BatchTensors,
  training: Training | null,
  { against = null, worst = null }: LossOptions,
): tf.Tensor {
  if (worst !== null) {
    const nll = batchNll(model, parameters, batch, training);
    const losses = crossEntropies(worst.logits(parameters, batch), batch.labels);
    const bound = weightedMean(losses, batch.weights);
    return tf.add(nll, tf.mul(tf.sub(bound, nll), worst.weight));
  }
  if (against === null) return batchNll(model, parameters, batch, training);
  const { images, labels, weights } = batch;
  const logits = predicted(model, parameters, images, training);
  const others = predicted(model, parameters, against.images, training);
  const nll = weightedMean(crossEntropies(logits, labels), weights);
  switch (against.kind) {
    case 'divergence': {
      const divergence = weightedMean(divergences(logits, others), weights);
      return tf.add(nll, tf.mul(divergence, against.weight));
    }
    case 'labels': {
      const attacked = weightedMean(crossEntropies(others, labels), weights);
      return tf.add(tf.mul(nll, against.clean), tf.mul(attacked, against.adversarial));
    }
    default:
      throw new Error(`unknown images ${JSON.stringify(against satisfies never)}`);
  }
}

/**
 * Images beside the batch. `divergence`: their predictions are to be those on the batch, the objective being CE(batch) +
 * weight · mean KL(batch || images). `labels`: clean · CE(batch) + adversarial · CE(images), with the same labels.
 */
export type Against =
  | { readonly kind: 'divergence'; readonly images: tf.Tensor; readonly weight: number }
  | {
      readonly kind: 'labels';
      readonly images: tf.Tensor;
      readonly clean: number;
      readonly adversarial: number;
    };

/** Logits [batch, classes] of the worst case around each image, and the part [] of the loss that is theirs. */
export interface WorstCase {
  readonly logits: (parameters: ParameterTensors, batch: BatchTensors) => tf.Tensor;
  readonly weight: tf.Tensor;
}

/** Loss of a batch, its gradients, and what batch norm found on the way. */
export interface LossAndGradients {
  /** The objective: the cross-entropy, with `against` its terms as well, a scalar [] in nats. */
  readonly nll: tf.Tensor;
  /** Gradients of nll, one per parameter. */
  readonly gradients: tf.Tensor[];
  /** Batch statistics in the order of the model's statistics; then the same for `against`. */
  readonly statistics: tf.Tensor[];
}

/** Additions of training to the cross-entropy of a batch; null: none. */
export interface LossOptions {
  /** Dropout. */
  readonly drop?: Training['drop'] | null;
  /** Images beside the batch (TRADES, a trade-off). */
  readonly against?: Against | null;
  /** Certified training: (1 - weight) · cross-entropy + weight · that of the worst case. */
  readonly worst?: WorstCase | null;
  /** Weight of the uniform distribution in the labels. */
  readonly labelSmoothing?: number | undefined;
}

/** Cross-entropy of a batch and its gradients with respect to the parameters, as training sees the network. */
export function lossAndGradients(
  model: Model,
  parameters: ParameterTensors,
  given: BatchTensors,
  options: LossOptions = {},
): LossAndGradients {
  const { drop = null, labelSmoothing } = options;
  const batch = smooth(given, labelSmoothing);
  const { value: result, statistics } = observing((observe) => {
    const training = trainingMode(model, drop, observe);
    const objective = (...w: tf.Tensor[]): tf.Scalar =>
      batchObjective(model, w, batch, training, options).asScalar();
    return tf.valueAndGrads(objective)([...parameters]);
  });
  return { nll: result.value, gradients: result.grads, statistics };
}

/** Null where training sees what evaluation does. */
function trainingMode(
  model: Model,
  drop: Training['drop'] | null,
  observe: Observe,
): Training | null {
  if (drop === null && model.statistics === undefined) return null;
  return { drop: drop ?? ((x) => x), observe };
}

/** Gradient of a loss with respect to the images; both [batch, height, width, channels]. */
export type ImageGradient = (images: tf.Tensor) => tf.Tensor;

/** Gradient of the summed cross-entropy with respect to the images [batch, h, w, c]. */
export function imageGradient(
  model: Model,
  weights: ParameterTensors,
  labels: tf.Tensor,
): ImageGradient {
  return tf.grad((images) => tf.sum(crossEntropies(model.apply(weights, images), labels)));
}

/** Σ over tensors of squared entries: ||w||², a scalar. */
export function squaredNorm(parameters: ParameterTensors): tf.Tensor {
  return tf.addN(parameters.map((w) => tf.sum(tf.square(w))));
}
