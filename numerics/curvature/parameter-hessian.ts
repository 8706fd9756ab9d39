/** The Hessian of a data set's cross-entropy with respect to the weights, as an operator. */
import * as tf from '@tensorflow/tfjs';
import type { Pause } from '../batched.js';
import { batchAt, inOrder } from '../data/batches.js';
import type { ResidentData } from '../data/resident.js';
import { compileGraph, type GraphHost } from '../graph/compile.js';
import type { Model } from '../models/model.js';
import { sizeOf, type ParameterSpec, type ParameterTensors } from '../parameters.js';
import { parameterProductGraph } from './hessian.js';
import type { SlowOperator } from './operator.js';
import { axpy, scaled } from './vectors.js';

/** Whether the loss is the mean over the images or their sum; stored with every eigenvalue. */
export type Reduction = 'mean' | 'sum';

export interface ParameterHessian {
  /**
   * At these parameters, which must stay alive; vectors are all parameters in the order of the
   * model. Pauses after every batch.
   */
  at(parameters: ParameterTensors, reduction: Reduction, pause: Pause): SlowOperator;
  dispose(): void;
}

/**
 * Compiles it for batches of `batchSize`. Batches are summed over in float64 and padding weighs
 * nothing, so every image counts the same whatever the batch size.
 */
export function createParameterHessian(
  host: GraphHost,
  model: Model,
  data: ResidentData,
  batchSize: number,
): ParameterHessian {
  const batch = Math.min(batchSize, data.count);
  const product = compileGraph(host, parameterProductGraph(model, data, batch));
  const order = inOrder(data.count);
  const size = model.parameters.reduce((total, spec) => total + sizeOf(spec), 0);
  const at: ParameterHessian['at'] = (parameters, reduction, pause) => ({
    size,
    async matvec(v) {
      const directions = split(model.parameters, v);
      const total = new Float64Array(size);
      try {
        for (let from = 0; from < data.count; from += batch) {
          const selected = batchAt(order, from, batch);
          const selection = [data.pixels, data.labels, selected.indices, selected.weights];
          const products = product(...parameters, ...selection, ...directions);
          selected.dispose();
          accumulate(products, total);
          tf.dispose(products);
          await pause();
        }
      } finally {
        tf.dispose(directions);
      }
      return reduction === 'sum' ? total : scaled(1 / data.count, total);
    },
  });
  return { at, dispose: () => product.dispose() };
}

/** A vector of all parameters as one float32 tensor per parameter. */
function split(specs: readonly ParameterSpec[], v: Float64Array): tf.Tensor[] {
  let offset = 0;
  return specs.map((spec) => {
    const values = new Float32Array(v.subarray(offset, (offset += sizeOf(spec))));
    return tf.tensor(values, [...spec.shape]);
  });
}

function accumulate(products: readonly tf.Tensor[], total: Float64Array): void {
  let offset = 0;
  for (const product of products) {
    axpy(1, product.dataSync<'float32'>(), total.subarray(offset, (offset += product.size)));
  }
}
