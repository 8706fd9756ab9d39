/** Times the forms of a convolution's gradients against each other, call by call in turn. */
import { performance } from 'node:perf_hooks';
import * as tf from '@tensorflow/tfjs';
import { compile, type CompiledFunction, type GraphHost } from '../../numerics/graph/compile.js';
import {
  depthwiseGradient,
  directImageGradient,
  imageGradient,
  kernelGradient,
} from '../../numerics/models/convolution-gradients.js';
import type { GraphNode } from '../../numerics/graph/graph.js';
import type { ConvolutionTimes, Layer } from '../request.js';

const batch = 128;
const size = 3;

type Form = (x: tf.Tensor4D, kernels: tf.Tensor4D, g: tf.Tensor4D) => tf.Tensor;

/** The same for several channels, one after the other. */
function depthwise(kernels: tf.Tensor4D, g: tf.Tensor4D): tf.Tensor {
  const [k, , channels, out] = kernels.shape;
  const each = Array.from({ length: channels }, (_, c) =>
    depthwiseGradient(g, tf.slice(kernels, [0, 0, c, 0], [k, k, 1, out])),
  );
  return tf.concat(each, 3);
}

/** Batch and channels change places, as `withSwappedFilterGradients` rewrites it. */
function swappedGradient(g: tf.Tensor4D, x: tf.Tensor4D): tf.Tensor {
  const images = tf.pad(tf.transpose(x, [3, 1, 2, 0]), [
    [0, 0],
    [1, 1],
    [1, 1],
    [0, 0],
  ]);
  const kernels = tf.transpose(g, [1, 2, 0, 3]);
  return tf.transpose(tf.conv2d(images, kernels, 1, 'valid'), [1, 2, 0, 3]);
}

/** A host that is not told the sizes by which the form of a gradient is chosen. */
function keepingForms(host: GraphHost): GraphHost {
  const withoutSizes = (node: GraphNode): GraphNode => {
    if (node.kind !== 'op') return node;
    const { kind, name, op, inputs, attributes, count } = node;
    return { kind, name, op, inputs, attributes, count };
  };
  return { load: (nodes) => host.load(nodes.map(withoutSizes)) };
}

const forms: Readonly<Record<string, Form>> = {
  'image gradient, direct': (x, kernels, g) => directImageGradient(g, kernels, x.shape),
  'image gradient, depthwise': (_x, kernels, g) => depthwise(kernels, g),
  'image gradient, as runs take it': (x, kernels, g) => imageGradient(g, kernels, x.shape),
  'kernel gradient, direct': (x, kernels, g) => kernelGradient(g, x, kernels.shape),
  'kernel gradient, swapped': (x, _kernels, g) => swappedGradient(g, x),
  'kernel gradient, as runs take it': (x, kernels, g) => kernelGradient(g, x, kernels.shape),
};

/** A depthwise pass over each of many channels has no chance. */
const mostDepthwise = 3;

/** Milliseconds of each call, by form. */
export function timeConvolutions(host: GraphHost, layer: Layer, rounds: number): ConvolutionTimes {
  const { side, channels, out } = layer;
  const normal = (shape: [number, number, number, number], seed: number) =>
    tf.randomNormal<tf.Rank.R4>(shape, 0, 1, 'float32', seed);
  const inputs = [
    normal([batch, side, side, channels], 1),
    normal([size, size, channels, out], 2),
    normal([batch, side, side, out], 3),
  ] as const;
  const compiled = Object.entries(forms)
    .filter(([name]) => channels <= mostDepthwise || !name.endsWith('depthwise'))
    .map(([name, form]): [string, CompiledFunction] => [
      name,
      compile(
        name.endsWith('as runs take it') ? host : keepingForms(host),
        (...given) => [form(...(given as [...typeof inputs]))],
        [...inputs],
      ),
    ]);
  const times = Object.fromEntries(compiled.map(([name]) => [name, [] as number[]]));
  for (let round = -2; round < rounds; round++) {
    for (const [name, call] of compiled) {
      const begunMs = performance.now();
      tf.dispose(call(...inputs));
      if (round >= 0) times[name]!.push(performance.now() - begunMs);
    }
  }
  for (const [, call] of compiled) call.dispose();
  tf.dispose([...inputs]);
  return times;
}
