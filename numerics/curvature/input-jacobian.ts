/** Class probabilities and the Jacobian of the logits with respect to each image, one pass per class. */
import * as tf from '@tensorflow/tfjs';
import { compile, type GraphHost } from '../graph/compile.js';
import type { Model } from '../models/model.js';
import type { ParameterTensors } from '../parameters.js';
import type { ImageJacobian } from './gauss-newton.js';

export interface JacobianFunction {
  /** images [batch, height, width, channels]; returns one Jacobian per image, in order. */
  (parameters: ParameterTensors, images: tf.Tensor): ImageJacobian[];
  dispose(): void;
}

/** Compiles it for batches of `batchSize` images. */
export function createJacobian(
  host: GraphHost,
  model: Model,
  shape: readonly [number, number, number],
  classes: number,
  batchSize: number,
): JacobianFunction {
  const examples = tf.tidy(() => [
    ...model.parameters.map((spec) => tf.zeros([...spec.shape])),
    tf.zeros([batchSize, ...shape]),
  ]);
  const jacobian = compile(host, jacobianBatch(model, classes), examples);
  tf.dispose(examples);
  const call = (parameters: ParameterTensors, images: tf.Tensor): ImageJacobian[] => {
    const outputs = jacobian(...parameters, images);
    const [logits, ...rows] = outputs.map((output) => output.dataSync());
    tf.dispose(outputs);
    return split(rows, logits!, batchSize);
  };
  return Object.assign(call, { dispose: () => jacobian.dispose() });
}

/**
 * Outputs: logits [batch, classes], then for each class Σ_i z_ic's gradient [batch, h, w, c]; the
 * images of a batch do not see each other, so this is row c of every image's Jacobian at once.
 */
function jacobianBatch(model: Model, classes: number) {
  const n = model.parameters.length;
  return (...inputs: tf.Tensor[]): tf.Tensor[] => {
    const parameters = inputs.slice(0, n);
    const images = inputs[n]!;
    const column = (c: number) => (x: tf.Tensor) => {
      const logits = model.apply(parameters, x);
      return tf.sum(tf.slice(logits, [0, c], [logits.shape[0]!, 1]));
    };
    const rows = Array.from({ length: classes }, (_, c) => tf.grad(column(c))(images));
    return [model.apply(parameters, images), ...rows];
  };
}

function split(
  rows: readonly ArrayLike<number>[],
  logits: ArrayLike<number>,
  batchSize: number,
): ImageJacobian[] {
  const classes = rows.length;
  const size = rows[0]!.length / batchSize;
  const part = (values: ArrayLike<number>, i: number, width: number): Float64Array =>
    Float64Array.from({ length: width }, (_, j) => values[i * width + j]!);
  return Array.from({ length: batchSize }, (_, i) => ({
    rows: rows.map((row) => part(row, i, size)),
    probabilities: softmax(part(logits, i, classes)),
  }));
}

/**
 * In float64: S = diag(p) - p p^T lives on 1 - p, which float32 leaves a few per cent of accuracy
 * where the network is sure.
 */
function softmax(logits: Float64Array): number[] {
  const top = Math.max(...logits);
  const powers = Array.from(logits, (z) => Math.exp(z - top));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
