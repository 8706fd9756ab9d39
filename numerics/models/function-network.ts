/** A model from a function of tensors that somebody else wrote. */
import * as tf from '@tensorflow/tfjs';
import type { ParameterRecord } from '../../experiment/catalogue/models/weights.js';
import { drawInitial } from './initial.js';
import type { Model } from './model.js';
import type { ParameterTensors } from './parameters.js';

/** Arguments of the function: the library, weights by name, and images [batch, height, width, channels] in [0,1]. */
interface ForwardArguments {
  readonly tf: typeof tf;
  readonly weights: Readonly<Record<string, tf.Tensor>>;
  readonly images: tf.Tensor;
  /** In training alone; `drop` drops activations with the rate of the recipe. */
  readonly training?: { readonly drop: (x: tf.Tensor) => tf.Tensor };
}

/** Pure: from weights and images to logits [batch, classes]. */
export type ForwardFunction = (given: ForwardArguments) => tf.Tensor;

/** The function, its parameters in their order, and the number of classes. */
export interface FunctionNetwork {
  /** For people. */
  readonly name: string;
  readonly parameters: readonly ParameterRecord[];
  readonly classes: number;
  readonly forward: ForwardFunction;
}

/** The model whose logits are those of the function; throws where it gives anything but [batch, classes]. */
export function functionNetwork({ name, parameters, classes, forward }: FunctionNetwork): Model {
  const apply = (
    weights: ParameterTensors,
    images: tf.Tensor,
    training: Pick<ForwardArguments, 'training'> = {},
  ): tf.Tensor => {
    const named = Object.fromEntries(parameters.map((spec, i) => [spec.name, weights[i]!]));
    const logits: unknown = forward({ tf, weights: named, images, ...training });
    return checked(logits, [images.shape[0], classes]);
  };
  return {
    name,
    parameters,
    initial: (generator) =>
      new Map(parameters.map((spec) => [spec.name, drawInitial(generator, spec)])),
    apply: (weights, images) => apply(weights, images),
    train: (weights, images, { drop }) => apply(weights, images, { training: { drop } }),
  };
}

function checked(logits: unknown, wanted: readonly [batch: number, classes: number]): tf.Tensor {
  const belongs = `[batch, classes], here [${wanted.join(', ')}]`;
  if (!isTensor(logits)) {
    throw new Error(`forward gives ${typeOf(logits)}, not a tensor ${belongs}`);
  }
  if (logits.shape.join() !== wanted.join()) {
    throw new Error(`forward gives a tensor [${logits.shape.join(', ')}], not ${belongs}`);
  }
  if (logits.dtype === 'float32') return logits;
  throw new Error(`forward gives a tensor of ${logits.dtype}, not of float32`);
}

function isTensor(value: unknown): value is tf.Tensor {
  return value instanceof tf.Tensor;
}

function typeOf(value: unknown): string {
  if (value instanceof Promise) return 'a promise (it must not be async)';
  return Array.isArray(value) ? 'a list' : value === null ? 'null' : typeof value;
}
