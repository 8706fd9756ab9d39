/** A layer: named parameters and what it does to a batch; a network is a layer made of layers. */
import type * as tf from '@tensorflow/tfjs';
import type { ParameterSpec } from '../parameters.js';
import { fanInUniform, fanOutNormal, heNormal, zeros, type Initial } from './initial.js';
import { convolve, dense, maxPool, relu } from './layers.js';

export interface LayerParameter extends ParameterSpec {
  readonly initial: Initial;
}

/** One pass of a batch through the network: the weights by name, and what training does differently. */
export interface Pass {
  readonly weight: (name: string) => tf.Tensor;
  /** Dropout in training, the identity in evaluation. */
  drop(x: tf.Tensor): tf.Tensor;
}

export interface Layer {
  readonly parameters: readonly LayerParameter[];
  apply(x: tf.Tensor, pass: Pass): tf.Tensor;
}

/** One after the other. */
export function sequence(...layers: readonly Layer[]): Layer {
  return {
    parameters: layers.flatMap((layer) => layer.parameters),
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

/** k x k, stride 1, zero padding to the same size, with bias. */
export function convolution(name: string, shape: ConvolutionShape, start: Start): Layer {
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
    apply: (x, { weight }) => convolve(x, weight(`${name}.weight`), weight(`${name}.bias`)),
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
