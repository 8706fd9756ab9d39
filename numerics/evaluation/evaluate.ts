/** Cross-entropy and error of one set of weights over a data set, batch by batch. */
import * as tf from '@tensorflow/tfjs';
import { overBatches, type Pause } from './batched.js';
import type { ResidentData } from '../data/resident.js';
import { exactly } from '../graph/in-float32.js';
import type { GraphHost } from '../graph/compile.js';
import { crossEntropies } from '../losses/cross-entropy.js';
import type { Model } from '../models/model.js';
import type { ParameterTensors } from '../models/parameters.js';

export interface Evaluation {
  /** Mean cross-entropy, nats. */
  readonly nll: number;
  /** Misclassified share, per cent. */
  readonly error: number;
  /** Images it is over. */
  readonly n: number;
}

export interface Evaluator {
  evaluate(parameters: ParameterTensors, pause: Pause): Promise<Evaluation>;
  dispose(): void;
}

/** Compiles the forward pass over this data set for batches of `batchSize` images. */
export function createEvaluator(
  host: GraphHost,
  model: Model,
  data: ResidentData,
  batchSize: number,
): Evaluator {
  const forward = overBatches(host, model, data, batchSize, (w, { images, labels, weights }) =>
    exactly(() => [weightedSums(scores(model.apply(w, images), labels), weights)]),
  );
  const evaluate = async (parameters: ParameterTensors, pause: Pause): Promise<Evaluation> => {
    let [nll, wrong] = [0, 0];
    await forward.run(
      parameters,
      ({ outputs: [sums] }) => {
        nll += sums![0]!;
        wrong += sums![1]!;
      },
      pause,
    );
    return { nll: nll / data.count, error: (100 * wrong) / data.count, n: data.count };
  };
  return { evaluate, dispose: () => forward.dispose() };
}

/** CE_i [batch] and [wrong_i] [batch] of logits and one-hot labels [batch, classes]. */
export function scores(logits: tf.Tensor, labels: tf.Tensor): readonly [tf.Tensor, tf.Tensor] {
  const wrong = tf.cast(tf.notEqual(tf.argMax(logits, 1), tf.argMax(labels, 1)), 'float32');
  return [crossEntropies(logits, labels), wrong];
}

/** [Σ a_i CE_i, Σ a_i [wrong_i]] with the batch's weights a. */
export function weightedSums(
  [nll, wrong]: readonly [tf.Tensor, tf.Tensor],
  weights: tf.Tensor,
): tf.Tensor {
  return tf.stack([tf.sum(tf.mul(nll, weights)), tf.sum(tf.mul(wrong, weights))]);
}
