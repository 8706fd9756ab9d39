/** Forward mode of small functions, as the tests of its rules and of the graphs need it. */
import * as tf from '@tensorflow/tfjs';
import { capture, type TensorFunction } from '../../../numerics/graph/capture.js';
import { compileGraph } from '../../../numerics/graph/compile.js';
import type { Graph } from '../../../numerics/graph/graph.js';
import { nativeBackend, nativeOps, typeAttribute } from '../../../numerics/graph/native.js';
import { tangent } from '../../../numerics/graph/tangent.js';
import { normals, stream } from '../../../numerics/random.js';
import { host } from '../engine.js';

export function random(shape: number[], index: number): tf.Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(Float32Array.from(normals(stream(9, 'init', index), size)), shape);
}

/** In [0.5, 2.5]: away from the poles and branch points of logarithms, roots and quotients. */
export function positive(shape: number[], index: number): tf.Tensor {
  return tf.tidy(() => tf.add(tf.mul(tf.sigmoid(random(shape, index)), 2), 0.5));
}

export function run(graph: Graph, inputs: readonly tf.Tensor[]): tf.Tensor[] {
  const compiled = compileGraph(host, graph);
  const results = compiled(...inputs);
  compiled.dispose();
  return results;
}

/** Tangents of all outputs of f at x along v, an entry of which is null where x does not move. */
export function pushforward(
  f: TensorFunction,
  x: readonly tf.Tensor[],
  v: readonly (tf.Tensor | null)[],
): tf.Tensor[] {
  const moving = v.flatMap((direction, i) => (direction ? [i] : []));
  const graph = tangent(capture(f, x), moving);
  const seeds = v.filter((direction) => direction !== null);
  const results = run(graph, [...x, ...seeds]);
  const count = graph.outputs.length / 2;
  tf.dispose(results.slice(0, count));
  return results.slice(count);
}

export const type = () => [typeAttribute('T', 'TF_FLOAT')];
export const image = () => random([2, 6, 6, 3], 1);
export function batchNorm(op: string, outputs: number, ...inputs: tf.Tensor[]): tf.Tensor[] {
  const { binding } = nativeBackend();
  return nativeOps(op, inputs, outputs, [
    ...type(),
    typeAttribute('U', 'TF_FLOAT'),
    { name: 'epsilon', type: binding.TF_ATTR_FLOAT, value: 1e-3 },
    { name: 'data_format', type: binding.TF_ATTR_STRING, value: 'NHWC' },
    { name: 'is_training', type: binding.TF_ATTR_BOOL, value: false },
  ]);
}

export const channels = () => [positive([3], 2), random([3], 3), random([3], 4), positive([3], 5)];
