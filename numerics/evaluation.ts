/** Cross-entropy and error of one set of weights over a data set, batch by batch. */
import * as tf from '@tensorflow/tfjs';
import { batchAt, inOrder } from './data/batches.js';
import type { LabelledImages } from './data/idx.js';
import type { CompiledFunction, GraphHost } from './graph/compile.js';
import { compile } from './graph/compile.js';
import { crossEntropies } from './models/layers.js';
import type { Model } from './models/model.js';
import type { ParameterTensors } from './parameters.js';

export interface Evaluation {
  /** Mean cross-entropy, nats. */
  readonly nll: number;
  /** Misclassified share, per cent. */
  readonly error: number;
  /** Images it is over. */
  readonly n: number;
}

/** [Σ a_i CE_i, Σ a_i [wrong_i]] of logits and one-hot labels [batch, classes] with weights a [batch]. */
export function scoreSums(logits: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor): tf.Tensor[] {
  const wrong = tf.cast(tf.notEqual(tf.argMax(logits, 1), tf.argMax(labels, 1)), 'float32');
  return [tf.sum(tf.mul(crossEntropies(logits, labels), weights)), tf.sum(tf.mul(wrong, weights))];
}

export interface Evaluator {
  /** Pauses after every batch, so that the caller sees signals. */
  evaluate(
    parameters: ParameterTensors,
    data: LabelledImages,
    pause: () => void | Promise<void>,
  ): Promise<Evaluation>;
  dispose(): void;
}

/** Compiles the forward pass for batches of `batchSize` images of this shape. */
export function createEvaluator(
  host: GraphHost,
  model: Model,
  shape: readonly [number, number, number],
  classes: number,
  batchSize: number,
): Evaluator {
  const examples = tf.tidy(() => [
    ...model.parameters.map((spec) => tf.zeros([...spec.shape])),
    tf.zeros([batchSize, ...shape]),
    tf.zeros([batchSize, classes]),
    tf.zeros([batchSize]),
  ]);
  const n = model.parameters.length;
  const score = compile(
    host,
    (...inputs) => {
      const [images, labels, weights] = inputs.slice(n);
      return scoreSums(model.apply(inputs.slice(0, n), images!), labels!, weights!);
    },
    examples,
  );
  tf.dispose(examples);
  return {
    evaluate: (parameters, data, pause) =>
      evaluateBatches(score, parameters, data, classes, batchSize, pause),
    dispose: () => score.dispose(),
  };
}

async function evaluateBatches(
  score: CompiledFunction,
  parameters: ParameterTensors,
  data: LabelledImages,
  classes: number,
  batchSize: number,
  pause: () => void | Promise<void>,
): Promise<Evaluation> {
  const order = inOrder(data.count);
  let [nll, wrong] = [0, 0];
  for (let from = 0; from < data.count; from += batchSize) {
    const batch = batchAt(data, classes, order, from, batchSize);
    const sums = score(...parameters, batch.images, batch.labels, batch.weights);
    nll += sums[0]!.dataSync()[0]!;
    wrong += sums[1]!.dataSync()[0]!;
    tf.dispose(sums);
    batch.dispose();
    await pause();
  }
  return { nll: nll / data.count, error: (100 * wrong) / data.count, n: data.count };
}
