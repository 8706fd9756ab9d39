/** A linearised graph as native calls: at each point the fixed part runs once, then products are cheap. */
import * as tf from '@tensorflow/tfjs';
import { compileGraph, type CompiledFunction, type GraphHost } from './compile.js';
import type { Graph } from './graph.js';
import { linearise } from './linearise.js';
import { nativeBackend, nativeType } from './native.js';

/** A function that is linear in its last inputs, split at a point into a fixed part and products. */
export interface LinearisedFunction {
  /** Keeps the values that products need at this point; the caller keeps the inputs alive. */
  at(...fixed: tf.Tensor[]): ProductFunction;
  dispose(): void;
}

/** The products at one point; holds the values of the fixed part until `dispose()`. */
export interface ProductFunction {
  /** From the varying inputs to the asked outputs; the caller owns the results. */
  (...varying: tf.Tensor[]): tf.Tensor[];
  dispose(): void;
}

/** `varying` is the number of last inputs that change, `outputs` positions of outputs. */
export function compileLinearised(
  host: GraphHost,
  graph: Graph,
  varying: number,
  outputs: readonly number[],
): LinearisedFunction {
  const parts = linearise(graph, varying, outputs);
  const fixed = compileGraph(host, parts.fixed);
  let product: CompiledFunction | null = null;
  const at = (...inputs: tf.Tensor[]): ProductFunction => {
    const values = fixed(...inputs);
    product ??= compileGraph(host, parts.product(values.map(tensorSpec)));
    const run = product;
    const passed = parts.passed.map((i) => inputs[i]!);
    const call = (...directions: tf.Tensor[]) => run(...values, ...passed, ...directions);
    return Object.assign(call, { dispose: () => tf.dispose(values) });
  };
  const dispose = (): void => {
    fixed.dispose();
    product?.dispose();
  };
  return { at, dispose };
}

function tensorSpec(tensor: tf.Tensor): Graph['inputSpecs'][number] {
  return { shape: tensor.shape, dtype: nativeType(nativeBackend(), tensor) };
}
