/** The Hessian of a data set's cross-entropy with respect to the weights, as an operator. */
import * as tf from '@tensorflow/tfjs';
import type { Pause } from '../../evaluation/batched.js';
import { batchAt, batchCount, inOrder } from '../../data/batches.js';
import type { ResidentData } from '../../data/resident.js';
import { compileGraph, type GraphHost } from '../../graph/compile.js';
import {
  compileLinearised,
  type LinearisedFunction,
  type ProductFunction,
} from '../../graph/compile-linearised.js';
import type { Graph } from '../../graph/graph.js';
import type { Model } from '../../models/model.js';
import {
  parameterSize,
  type ParameterSpec,
  type ParameterTensors,
} from '../../models/parameters.js';
import { parameterProductGraph } from './hessian.js';
import type { MultiVectorOperator } from './operator.js';

/** Whether the loss is the mean over the images or their sum; stored with every eigenvalue. */
export type Reduction = 'mean' | 'sum';

/** The Hessian of the cross-entropy over a data set with respect to the parameters, compiled once for all weights. */
export interface ParameterHessian {
  /**
   * At these weights (parameters, then statistics), which must stay alive; vectors are all
   * parameters in the order of the model. The statistics of batch norm are constants: the loss is
   * that of evaluation. Pauses after every product of a batch.
   */
  at(weights: ParameterTensors, reduction: Reduction, pause: Pause): ParameterOperator;
  /** Batches of one product. */
  readonly batches: number;
  dispose(): void;
}

/** The Hessian at one set of weights; holds native tensors until `dispose()`. */
interface ParameterOperator extends MultiVectorOperator {
  dispose(): void;
}

/**
 * Compiles it for batches of `batchSize`. Batches are summed over in float64 and padding weighs
 * nothing, so every image counts the same whatever the batch size. Where one batch holds all images
 * the pass through the network is done once and kept; else once per batch for all vectors of a call.
 */
export function createParameterHessian(
  host: GraphHost,
  model: Model,
  data: ResidentData,
  batchSize: number,
): ParameterHessian {
  const batch = Math.min(batchSize, data.count);
  const batches = batchCount(data.count, batch);
  const compiled = compileProducts(host, parameterProductGraph(model, data, batch), model);
  const order = inOrder(data.count);
  const size = model.parameters.reduce((total, spec) => total + parameterSize(spec), 0);
  const productAt = (weights: ParameterTensors, from: number, vectors: number): ProductFunction => {
    const selected = batchAt(order, from, batch);
    const selection = [data.pixels, data.labels, selected.indices, selected.weights];
    const product = compiled.for(vectors).at(...weights, ...selection);
    const dispose = (): void => {
      product.dispose();
      selected.dispose();
    };
    return Object.assign((...moved: tf.Tensor[]) => product(...moved), { dispose });
  };
  const at: ParameterHessian['at'] = (weights, reduction, pause) => {
    const kept = batches === 1 ? productAt(weights, 0, Infinity) : null;
    const factor = reduction === 'sum' ? 1 : 1 / data.count;
    const matvecs = async (vectors: readonly Float64Array[]): Promise<Float64Array[]> => {
      const totals = vectors.map(() => new Float64Array(size));
      const moved = vectors.map((v) => split(model.parameters, v));
      try {
        for (let from = 0; from < data.count; from += batch) {
          const product = kept ?? productAt(weights, from, vectors.length);
          try {
            for (const [i, tensors] of moved.entries()) {
              const products = product(...tensors);
              accumulate(factor, products, totals[i]!);
              tf.dispose(products);
              await pause();
            }
          } finally {
            if (product !== kept) product.dispose();
          }
        }
      } finally {
        tf.dispose(moved);
      }
      return totals;
    };
    const matvec = async (v: Float64Array): Promise<Float64Array> => (await matvecs([v]))[0]!;
    return { size, matvec, matvecs, dispose: () => kept?.dispose() };
  };
  return { at, batches, dispose: () => compiled.dispose() };
}

interface CompiledProducts {
  /** The function that costs least where a point is used for so many vectors. */
  for(vectors: number): LinearisedFunction;
  dispose(): void;
}

/**
 * A single vector: the pass through the network in every product, which is faster than handing over what it has
 * found. Several: the pass through the network once, kept for all of them. Each is compiled when it is needed.
 */
function compileProducts(host: GraphHost, graph: Graph, { parameters }: Model): CompiledProducts {
  let whole: LinearisedFunction | null = null;
  let kept: LinearisedFunction | null = null;
  const outputs = parameters.map((_, i) => i);
  return {
    for: (vectors) =>
      vectors === 1
        ? (whole ??= compileWhole(host, graph))
        : (kept ??= compileLinearised(host, graph, parameters.length, outputs)),
    dispose: () => {
      whole?.dispose();
      kept?.dispose();
    },
  };
}

/** Fixed part and product in one call. */
function compileWhole(host: GraphHost, graph: Graph): LinearisedFunction {
  const run = compileGraph(host, graph);
  const at: LinearisedFunction['at'] = (...fixed) =>
    Object.assign((...varying: tf.Tensor[]) => run(...fixed, ...varying), { dispose: () => {} });
  return { at, dispose: () => run.dispose() };
}

/** A vector of all parameters as one float32 tensor per parameter. */
function split(specs: readonly ParameterSpec[], v: Float64Array): tf.Tensor[] {
  let offset = 0;
  return specs.map((spec) => {
    const values = new Float32Array(v.subarray(offset, (offset += parameterSize(spec))));
    return tf.tensor(values, [...spec.shape]);
  });
}

/** total ← total + factor · the products one after the other. */
function accumulate(factor: number, products: readonly tf.Tensor[], total: Float64Array): void {
  let offset = 0;
  for (const product of products) {
    const values = product.dataSync<'float32'>();
    for (let i = 0; i < values.length; i++) total[offset + i]! += factor * values[i]!;
    offset += values.length;
  }
}
