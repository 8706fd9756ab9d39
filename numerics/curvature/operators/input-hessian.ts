/** The Hessian of each image's cross-entropy with respect to the image, a batch of images at a time. */
import * as tf from '@tensorflow/tfjs';
import { batchAt, inOrder } from '../../data/batches.js';
import { gathering, type ResidentData } from '../../data/resident.js';
import { compile, type CompiledFunction, type GraphHost } from '../../graph/compile.js';
import { compileLinearised } from '../../graph/compile-linearised.js';
import type { Model } from '../../models/model.js';
import type { ParameterTensors } from '../../models/parameters.js';
import { imageProductGraph } from './hessian.js';
import type { BlockOperator } from './operator.js';

/** The input Hessians of all images of a data set, as operators, one batch at a time. */
export interface InputHessian {
  /** Images of a batch; fewer than asked for where the data set has fewer. */
  readonly batchSize: number;
  /** Images of the data set. */
  readonly count: number;
  /** Entries of an image. */
  readonly size: number;
  /**
   * The blocks of images `from` … `from + batchSize - 1`, as far as there are such, each of the
   * image's own loss. The pass through the network is done here, once; the parameters must outlive
   * the blocks.
   */
  blocks(parameters: ParameterTensors, from: number): InputBlocks;
  dispose(): void;
}

/** The Hessians of one batch's images; holds native tensors until `dispose()`. */
interface InputBlocks extends BlockOperator {
  dispose(): void;
}

/** Compiles the Hessian-vector product of each image: forward over reverse mode in one graph, float32. */
export function createInputHessian(
  host: GraphHost,
  model: Model,
  data: ResidentData,
  batchSize: number,
): InputHessian {
  const batch = Math.min(batchSize, data.count);
  const size = data.shape.reduce((a, b) => a * b, 1);
  const gather = compileGather(host, data, batch);
  const linearised = compileLinearised(host, imageProductGraph(model, data, batch), 1, [0]);
  const order = inOrder(data.count);
  const blocks: InputHessian['blocks'] = (parameters, from) => {
    const selected = batchAt(order, from, batch);
    const gathered = gather(data.pixels, data.labels, selected.indices, selected.weights);
    selected.dispose();
    const product = linearised.at(...parameters, ...gathered);
    const matvecs: BlockOperator['matvecs'] = (vectors) => {
      const directions = pack(vectors, [batch, ...data.shape]);
      const [products] = product(directions) as [tf.Tensor];
      const values = products.dataSync<'float32'>();
      tf.dispose([directions, products]);
      return vectors.map((v, i) => v && unpack(values, size, i));
    };
    return {
      count: selected.count,
      size,
      matvecs,
      dispose: () => {
        product.dispose();
        tf.dispose(gathered);
      },
    };
  };
  return {
    batchSize: batch,
    count: data.count,
    size,
    blocks,
    dispose: () => {
      gather.dispose();
      linearised.dispose();
    },
  };
}

/** (pixels, labels, indices, weights) to the batch's images and one-hot labels. */
function compileGather(host: GraphHost, data: ResidentData, batch: number): CompiledFunction {
  const selection = [tf.zeros([batch], 'int32'), tf.zeros([batch])];
  const compiled = compile(
    host,
    gathering(0, data.classes, (images, labels) => [images, labels]),
    [data.pixels, data.labels, ...selection],
  );
  tf.dispose(selection);
  return compiled;
}

/** One vector after the other; zeros where there is none, and for padding. */
function pack(vectors: readonly (Float64Array | null)[], shape: number[]): tf.Tensor {
  const size = shape.slice(1).reduce((a, b) => a * b, 1);
  const values = new Float32Array(shape[0]! * size);
  vectors.forEach((v, i) => v && values.set(v, i * size));
  return tf.tensor(values, shape);
}

function unpack(values: Float32Array, size: number, i: number): Float64Array {
  return new Float64Array(values.subarray(i * size, (i + 1) * size));
}
