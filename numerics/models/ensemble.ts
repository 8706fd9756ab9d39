/** Several networks of one architecture as one: whatever works on a model works on their common output. */
import * as tf from '@tensorflow/tfjs';
import type { ParameterTensors } from './parameters.js';
import { weightSpecs, type Model } from './model.js';

/**
 * `mean`: the logits are log (1/K) Σ_k softmax(z_k), whose softmax is the mean of the members'
 * probabilities. `published`: Σ_k z_k / (K - 1), as the paper's code has it (11 members, divided by
 * 10; IBM/model-sanitization, evasion_attack/utils.py): the same class as by the mean of the logits,
 * another loss.
 */
export type Combination = 'mean' | 'published';

/** The model of K members; its weights are the members' one after the other, statistics included. */
export function createEnsemble(model: Model, members: number, combination: Combination): Model {
  const specs = weightSpecs(model);
  return {
    name: model.name,
    parameters: Array.from({ length: members }, (_, k) =>
      specs.map(({ name, shape }) => ({ name: `member${k}.${name}`, shape })),
    ).flat(),
    initial() {
      throw new Error('an ensemble is made of trained networks');
    },
    apply(weights, images) {
      const logits = Array.from({ length: members }, (_, k) =>
        model.apply(memberWeights(model, weights, k), images),
      );
      return combination === 'mean' ? logMeanSoftmax(logits) : overOneLess(logits);
    },
  };
}

/** The k-th member's part of an ensemble's weights. */
export function memberWeights(
  model: Model,
  weights: ParameterTensors,
  k: number,
): ParameterTensors {
  const { length } = weightSpecs(model);
  return weights.slice(k * length, (k + 1) * length);
}

/** log (1/K) Σ_k softmax(z_k) of K logits [batch, classes]. */
export function logMeanSoftmax(logits: readonly tf.Tensor[]): tf.Tensor {
  const each = logits.map((z) => tf.sub(z, tf.logSumExp(z, 1, true)));
  return tf.sub(tf.logSumExp(tf.stack(each), 0), Math.log(logits.length));
}

function overOneLess(logits: readonly tf.Tensor[]): tf.Tensor {
  return tf.div(tf.addN([...logits]), logits.length - 1);
}
