/** Cross-entropy and error of one set of weights over a data set, batch by batch. */
import * as tf from '@tensorflow/tfjs';
import { overBatches, type Pause } from './batched.js';
import type { ResidentData } from '../data/resident.js';
import { inFloat32 } from '../graph/in-float32.js';
import type { GraphHost } from '../graph/compile.js';
import { crossEntropies } from '../losses/cross-entropy.js';
import type { Model } from '../models/model.js';
import type { ParameterTensors } from '../models/parameters.js';

/** Scores over a data set. */
export interface Evaluation {
  /** Mean cross-entropy, nats. */
  readonly nll: number;
  /** Fraction misclassified, per cent. */
  readonly error: number;
  /** Number of images. */
  readonly n: number;
}

/** A compiled forward pass over a data set. */
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
    inFloat32(() => [weightedSums(scores(model.apply(w, images), labels), weights)]),
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

/** Cross-entropy (nats) and 1 if misclassified, else 0, [batch] each, of logits and one-hot labels [batch, classes]. */
export function scores(logits: tf.Tensor, labels: tf.Tensor): readonly [tf.Tensor, tf.Tensor] {
  const wrong = tf.cast(tf.notEqual(tf.argMax(logits, 1), tf.argMax(labels, 1)), 'float32');
  return [crossEntropies(logits, labels), wrong];
}

/** [Σ a_i CE_i, Σ a_i wrong_i], [2], with the batch's weights a [batch]. */
export function weightedSums(
  [nll, wrong]: readonly [tf.Tensor, tf.Tensor],
  weights: tf.Tensor,
): tf.Tensor {
  return tf.stack([tf.sum(tf.mul(nll, weights)), tf.sum(tf.mul(wrong, weights))]);
}
