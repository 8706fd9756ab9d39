/** Products with the input Hessians of images in one batch of a fixed size, any images of a data set. */
import * as tf from '@tensorflow/tfjs';
import { batchAt } from '../../data/batches.js';
import { gathering, type ResidentData } from '../../data/resident.js';
import { compile, type CompiledFunction, type GraphHost } from '../../graph/compile.js';
import { compileLinearised } from '../../graph/compile-linearised.js';
import type { Model } from '../../models/model.js';
import type { ParameterTensors } from '../../models/parameters.js';
import { imageProductGraph } from './hessian.js';

/** The products compiled for batches of `capacity` images. */
export interface ImageProducts {
  /** Images of a batch. */
  readonly capacity: number;
  /** One pass through the network for these images, at most `capacity`; the parameters must outlive the result. */
  open(parameters: ParameterTensors, images: Int32Array): OpenImages;
  dispose(): void;
}

/** Images at one point of the parameters; holds native tensors until `dispose()`. */
export interface OpenImages {
  readonly capacity: number;
  /** Entries of an image. */
  readonly size: number;
  /** H(x_i) v_i for each image, as views of one buffer; zeros where there is no vector. */
  multiply(vectors: readonly (Float64Array | null)[]): Float64Array[];
  dispose(): void;
}

/** Compiles gathering, the pass through the network, and the product at what it has found. */
export function compileImageProducts(
  host: GraphHost,
  model: Model,
  data: ResidentData,
  capacity: number,
): ImageProducts {
  const size = data.shape.reduce((a, b) => a * b, 1);
  const gather = compileGather(host, data, capacity);
  const linearised = compileLinearised(host, imageProductGraph(model, data, capacity), 1, [0]);
  const open: ImageProducts['open'] = (parameters, images) => {
    const selected = batchAt(images, 0, capacity);
    const gathered = gather(data.pixels, data.labels, selected.indices, selected.weights);
    selected.dispose();
    const product = linearised.at(...parameters, ...gathered);
    const multiply: OpenImages['multiply'] = (vectors) => {
      const directions = pack(vectors, [capacity, ...data.shape]);
      const [products] = product(directions) as [tf.Tensor];
      const values = new Float64Array(products.dataSync<'float32'>());
      tf.dispose([directions, products]);
      return vectors.map((_, i) => values.subarray(i * size, (i + 1) * size));
    };
    const dispose = (): void => {
      product.dispose();
      tf.dispose(gathered);
    };
    return { capacity, size, multiply, dispose };
  };
  const dispose = (): void => {
    gather.dispose();
    linearised.dispose();
  };
  return { capacity, open, dispose };
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
