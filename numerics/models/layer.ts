/** A layer: named parameters and what it does to a batch; a network is a layer made of layers. */
import type * as tf from '@tensorflow/tfjs';
import type { ParameterSpec } from './parameters.js';
import { fanInUniform, fanOutNormal, heNormal, zeros, type Initial } from './initial.js';
import { convolve, dense, maxPool, relu } from './layers.js';

export interface LayerParameter extends ParameterSpec {
  readonly initial: Initial;
}

/** Running statistics of a batch norm: state of the model beside its parameters. */
export interface StatisticSpec extends ParameterSpec {
  /** Before the first batch. */
  readonly start: number;
  /** Share of the newest batch. */
  readonly momentum: number;
}

/** One pass of a batch through the network: the weights by name, and what training does differently. */
export interface Pass {
  readonly weight: (name: string) => tf.Tensor;
  /** Dropout in training, the identity in evaluation. */
  readonly drop: (x: tf.Tensor) => tf.Tensor;
  /** Batch norm of that name: by the batch in training, by the model's statistics in evaluation. */
  readonly normalise: (name: string, x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) => tf.Tensor;
}

export interface Layer {
  readonly parameters: readonly LayerParameter[];
  readonly statistics?: readonly StatisticSpec[];
  apply(x: tf.Tensor, pass: Pass): tf.Tensor;
}

/** One after the other. */
export function sequence(...layers: readonly Layer[]): Layer {
  return {
    parameters: layers.flatMap((layer) => layer.parameters),
    statistics: layers.flatMap((layer) => layer.statistics ?? []),
    apply: (x, pass) => layers.reduce((value, layer) => layer.apply(value, pass), x),
  };
}

/** How the weights and biases of a layer begin, given the weights' fan-in. */
export interface Start {
  readonly weight: (fanIn: number) => Initial;
  readonly bias: (fanIn: number) => Initial;
}

export const heStart: Start = { weight: () => heNormal, bias: () => zeros };
export const fanOutStart: Start = { weight: () => fanOutNormal, bias: () => zeros };
export const torchStart: Start = { weight: fanInUniform, bias: fanInUniform };

export interface ConvolutionShape {
  readonly kernel: number;
  readonly from: number;
  readonly to: number;
}

/** k x k with zero padding of (k - 1) / 2 and with bias. */
export function convolution(
  name: string,
  shape: ConvolutionShape,
  start: Start,
  stride = 1,
): Layer {
  const { kernel, from, to } = shape;
  const fanIn = kernel * kernel * from;
  return {
    parameters: [
      {
        name: `${name}.weight`,
        shape: [kernel, kernel, from, to],
        initial: start.weight(fanIn),
      },
      { name: `${name}.bias`, shape: [to], initial: start.bias(fanIn) },
    ],
    apply: (x, { weight }) => convolve(x, weight(`${name}.weight`), weight(`${name}.bias`), stride),
  };
}

export function denseLayer(name: string, from: number, to: number, start: Start): Layer {
  return {
    parameters: [
      { name: `${name}.weight`, shape: [from, to], initial: start.weight(from) },
      { name: `${name}.bias`, shape: [to], initial: start.bias(from) },
    ],
    apply: (x, { weight }) => dense(x, weight(`${name}.weight`), weight(`${name}.bias`)),
  };
}

export const reluLayer: Layer = { parameters: [], apply: (x) => relu(x) };

export const dropout: Layer = { parameters: [], apply: (x, pass) => pass.drop(x) };

/** [batch, h, w, c] to [batch, h w c]. */
export const flatten: Layer = {
  parameters: [],
  apply: (x) => x.reshape([x.shape[0], x.size / x.shape[0]]),
};

/** Maximum over windows of `size` x `size`, no padding. */
export function maxPooling(size: number, stride: number): Layer {
  return { parameters: [], apply: (x) => maxPool(x, size, stride) };
}
