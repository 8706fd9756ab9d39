/** The model under attack, and one batch of images together with it, as a procedure sees them. */
import * as tf from '@tensorflow/tfjs';
import { inFloat32 } from '../../graph/in-float32.js';
import type { AttackLoss } from '../../losses/attack-losses.js';
import { scores } from '../../evaluation/evaluate.js';
import { createEnsemble, logMeanSoftmax, memberWeights } from '../../models/ensemble.js';
import type { Model } from '../../models/model.js';
import type { ParameterTensors } from '../../models/parameters.js';

/** From images [batch, height, width, channels] to logits [batch, classes]. */
type Network = (images: tf.Tensor) => tf.Tensor;

/**
 * One network, or several of which one, drawn at random with equal chances, answers each request. Attacks on several
 * follow expectations over the draw (expectation over transformation: Athalye et al. 2018), without sampling.
 */
export interface ModelUnderAttack {
  /** The architecture of the weights. */
  readonly model: Model;
  /** At least one. */
  readonly networks: (weights: ParameterTensors) => readonly Network[];
}

/** One deterministic network. */
export function singleNetwork(model: Model): ModelUnderAttack {
  return { model, networks: (weights) => [(images) => model.apply(weights, images)] };
}

/** A defender who answers every request with one of `members` networks; the weights are the members', one after the other. */
export function randomMember(model: Model, members: number): ModelUnderAttack {
  return {
    model: createEnsemble(model, members, 'mean'),
    networks: (weights) =>
      Array.from({ length: members }, (_, k) => {
        const own = memberWeights(model, weights, k);
        return (images: tf.Tensor) => model.apply(own, images);
      }),
  };
}

/** A batch of clean images and the networks under attack, weights included. */
export interface BatchUnderAttack {
  /** [batch, height, width, channels], in [0,1]. */
  readonly images: tf.Tensor;
  /** One-hot [batch, classes]. */
  readonly labels: tf.Tensor;
  readonly networks: readonly Network[];
}

/** Scores of each image, [batch]; of several networks their means, and the class that most of them predict. */
export interface Scores<T = tf.Tensor> {
  /** Cross-entropy, nats. */
  readonly nll: T;
  /** 1 if misclassified, else 0; of several networks, the fraction that misclassify. */
  readonly wrong: T;
  readonly predicted: T;
}

/** Loss and input gradient of a batch, with its predictions on demand. */
export interface LossAndInputGradient {
  /** [batch]; the mean over the networks. */
  readonly losses: tf.Tensor;
  /** Gradient of each image's loss in its pixels, like the images; the mean over the networks. */
  readonly gradient: tf.Tensor;
  /** Which images all networks misclassify, [batch] bool. */
  readonly misclassified: () => tf.Tensor;
}

/** Loss, its gradient in the images and predictions at `images`, in one pass through each network. */
export function lossAndInputGradient(
  { labels, networks }: BatchUnderAttack,
  loss: AttackLoss,
  images: tf.Tensor,
): LossAndInputGradient {
  const each = networks.map((network) => differentiate(network, loss, images));
  return {
    losses: expectation(each.map(({ losses }) => losses)),
    gradient: expectation(each.map(({ gradient }) => gradient)),
    misclassified: () =>
      misclassifiedByAll(
        each.map(({ logits }) => logits),
        labels,
      ),
  };
}

/** Gradient of the loss in the images, the mean over the networks; like the images. */
export function inputGradient(
  { networks }: BatchUnderAttack,
  loss: AttackLoss,
  images: tf.Tensor,
): tf.Tensor {
  return expectation(
    networks.map((network) => tf.grad((x: tf.Tensor) => tf.sum(loss(network(x))))(images)),
  );
}

/** Loss of each image, [batch]; the mean over the networks. */
export function losses(
  { networks }: BatchUnderAttack,
  loss: AttackLoss,
  images: tf.Tensor,
): tf.Tensor {
  return expectation(networks.map((network) => loss(network(images))));
}

/** Which images all networks misclassify, [batch] bool. */
export function misclassified(
  { labels, networks }: BatchUnderAttack,
  images: tf.Tensor,
): tf.Tensor {
  return misclassifiedByAll(
    networks.map((network) => network(images)),
    labels,
  );
}

/** Scores of each image, computed in float32 whatever the precision of the graph. */
export function scoreImages({ labels, networks }: BatchUnderAttack, images: tf.Tensor): Scores {
  return combineScores(
    networks.map((network) => inFloat32(() => scoreLogits(network(images), labels))),
    labels,
  );
}

/** Logits [batch, classes] of every network, in float32; `scorePredictions` scores them. */
export function predict({ networks }: BatchUnderAttack, images: tf.Tensor): readonly tf.Tensor[] {
  return inFloat32(() => networks.map((network) => network(images)));
}

/** Scores of predictions; labels are one-hot [batch, classes]. */
export function scorePredictions(predictions: readonly tf.Tensor[], labels: tf.Tensor): Scores {
  return combineScores(
    predictions.map((logits) => inFloat32(() => scoreLogits(logits, labels))),
    labels,
  );
}

/** log (1/K) Σ_k softmax(z_k) of the predictions of K networks, whose largest entry is their common answer: [batch, classes]. */
export function meanPrediction(predictions: readonly tf.Tensor[]): tf.Tensor {
  const [one, ...others] = predictions;
  return others.length === 0 ? one! : logMeanSoftmax(predictions);
}

/** Mean of tensors of one shape; one tensor is its own mean, without an op. */
export function expectation(tensors: readonly tf.Tensor[]): tf.Tensor {
  const [one, ...others] = tensors;
  if (one === undefined) throw new Error('an expectation needs at least one draw');
  return others.length === 0 ? one : tf.div(tf.addN([...tensors]), tensors.length);
}

function differentiate(network: Network, loss: AttackLoss, images: tf.Tensor) {
  const kept: tf.Tensor[] = [];
  try {
    const gradient = tf.grad((x: tf.Tensor) => {
      const logits = network(x);
      const each = loss(logits);
      kept.push(tf.keep(logits), tf.keep(each));
      return tf.sum(each);
    })(images);
    const [logits, losses] = kept.map((tensor) => tf.clone(tensor));
    return { losses: losses!, logits: logits!, gradient };
  } finally {
    tf.dispose(kept);
  }
}

function misclassifiedByAll(logits: readonly tf.Tensor[], labels: tf.Tensor): tf.Tensor {
  return logits
    .map((z) => tf.notEqual(tf.argMax(z, 1), tf.argMax(labels, 1)))
    .reduce((a, b) => tf.logicalAnd(a, b));
}

function scoreLogits(logits: tf.Tensor, labels: tf.Tensor): Scores {
  const [nll, wrong] = scores(logits, labels);
  return { nll, wrong, predicted: tf.cast(tf.argMax(logits, 1), 'float32') };
}

function combineScores(each: readonly Scores[], labels: tf.Tensor): Scores {
  if (each.length === 1) return each[0]!;
  return {
    nll: expectation(each.map(({ nll }) => nll)),
    wrong: expectation(each.map(({ wrong }) => wrong)),
    predicted: plurality(
      each.map(({ predicted }) => predicted),
      labels.shape[1]!,
    ),
  };
}

/** The class that most networks predict; of several, the first. */
function plurality(predicted: readonly tf.Tensor[], classes: number): tf.Tensor {
  const votes = predicted.map((each) =>
    tf.cast(tf.oneHot(tf.cast(each, 'int32'), classes), 'float32'),
  );
  return tf.cast(tf.argMax(tf.addN(votes), 1), 'float32');
}
