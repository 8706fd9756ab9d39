/** Expectation over transformation: an attack on what is random follows the mean over draws of it. */
import * as tf from '@tensorflow/tfjs';
import { ensembleOf, memberWeights } from '../../models/ensemble.js';
import type { Model } from '../../models/model.js';
import type { ParameterTensors } from '../../models/parameters.js';
import type { ImageGradient } from '../../losses/training-loss.js';
import { networkTarget, type Target } from './target.js';

/**
 * The mean of the gradients of k draws of a random network (Athalye et al. 2018). A draw is a gradient of its
 * own: the network at a t drawn from a path, say.
 */
export function expectedGradient(draws: readonly ImageGradient[]): ImageGradient {
  if (draws.length === 0) throw new Error('an expectation needs at least one draw');
  return (images) => meanOf(draws.map((gradient) => gradient(images)));
}

/**
 * A defender who answers every request with one of `members` networks, all equally likely. The expectation is
 * over all of them, without sampling: the gradient is (1/K) Σ_k ∇ CE(z_k), the scores are the mean cross-entropy
 * [batch], the share of members that misclassify [batch] and the class that most members predict [batch] (of several,
 * the first). Weights are the members', one after the other.
 */
export function drawnMember(model: Model, members: number): Target {
  const one = networkTarget(model);
  const each = <T>(weights: ParameterTensors, of: (weights: ParameterTensors) => T): T[] =>
    Array.from({ length: members }, (_, k) => of(memberWeights(model, weights, k)));
  return {
    model: ensembleOf(model, members, 'mean'),
    gradient: (weights, labels) => expectedGradient(each(weights, (w) => one.gradient(w, labels))),
    scores(weights, images, labels) {
      const found = each(weights, (w) => one.scores(w, images, labels));
      return {
        nll: meanOf(found.map(({ nll }) => nll)),
        wrong: meanOf(found.map(({ wrong }) => wrong)),
        predicted: plurality(
          found.map(({ predicted }) => predicted),
          labels.shape[1]!,
        ),
      };
    },
  };
}

function plurality(predicted: readonly tf.Tensor[], classes: number): tf.Tensor {
  const votes = predicted.map((each) =>
    tf.cast(tf.oneHot(tf.cast(each, 'int32'), classes), 'float32'),
  );
  return tf.cast(tf.argMax(tf.addN(votes), 1), 'float32');
}

function meanOf(tensors: readonly tf.Tensor[]): tf.Tensor {
  return tf.div(tf.addN([...tensors]), tensors.length);
}
