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
import type { SlowOperator } from './operator.js';
import { axpy, scaled } from '../algorithms/vectors.js';

/** Whether the loss is the mean over the images or their sum; stored with every eigenvalue. */
export type Reduction = 'mean' | 'sum';

/** The Hessian of the cross-entropy over a data set with respect to the parameters, compiled once for all weights. */
export interface ParameterHessian {
  /**
   * At these weights (parameters, then statistics), which must stay alive; vectors are all
   * parameters in the order of the model. The statistics of batch norm are constants: the loss is
   * that of evaluation. Pauses after every batch.
   */
  at(weights: ParameterTensors, reduction: Reduction, pause: Pause): ParameterOperator;
  /** Batches of one product. */
  readonly batches: number;
  dispose(): void;
}

/** The Hessian at one set of weights; holds native tensors until `dispose()`. */
interface ParameterOperator extends SlowOperator {
  dispose(): void;
}

/**
 * Compiles it for batches of `batchSize`. Batches are summed over in float64 and padding weighs
 * nothing, so every image counts the same whatever the batch size. Where one batch holds all images
 * the pass through the network is done once and kept; else it is done again in every product.
 */
export function createParameterHessian(
  host: GraphHost,
  model: Model,
  data: ResidentData,
  batchSize: number,
): ParameterHessian {
  const batch = Math.min(batchSize, data.count);
  const batches = batchCount(data.count, batch);
  const graph = parameterProductGraph(model, data, batch);
  const compiled = batches === 1 ? compileKept(host, graph, model) : compileWhole(host, graph);
  const order = inOrder(data.count);
  const size = model.parameters.reduce((total, spec) => total + parameterSize(spec), 0);
  const productAt = (weights: ParameterTensors, from: number): ProductFunction => {
    const selected = batchAt(order, from, batch);
    const selection = [data.pixels, data.labels, selected.indices, selected.weights];
    const product = compiled.at(...weights, ...selection);
    const dispose = (): void => {
      product.dispose();
      selected.dispose();
    };
    return Object.assign((...moved: tf.Tensor[]) => product(...moved), { dispose });
  };
  const at: ParameterHessian['at'] = (weights, reduction, pause) => {
    const kept = batches === 1 ? productAt(weights, 0) : null;
    const matvec = async (v: Float64Array): Promise<Float64Array> => {
      const moved = split(model.parameters, v);
      const total = new Float64Array(size);
      try {
        for (let from = 0; from < data.count; from += batch) {
          const product = kept ?? productAt(weights, from);
          const products = product(...moved);
          if (product !== kept) product.dispose();
          accumulate(products, total);
          tf.dispose(products);
          await pause();
        }
      } finally {
        tf.dispose(moved);
      }
      return reduction === 'sum' ? total : scaled(1 / data.count, total);
    };
    return { size, matvec, dispose: () => kept?.dispose() };
  };
  return { at, batches, dispose: () => compiled.dispose() };
}

/** The pass through the network once for every point. */
function compileKept(host: GraphHost, graph: Graph, { parameters }: Model): LinearisedFunction {
  const products = parameters.map((_, i) => i);
  return compileLinearised(host, graph, parameters.length, products);
}

/** In every product, which is faster than handing over what the pass has found. */
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

function accumulate(products: readonly tf.Tensor[], total: Float64Array): void {
  let offset = 0;
  for (const product of products) {
    axpy(1, product.dataSync<'float32'>(), total.subarray(offset, (offset += product.size)));
  }
}
