/** A data set as two tensors that stay: pixels as bytes, labels as numbers; batches are gathered in the graph. */
import * as tf from '@tensorflow/tfjs';
import { nativeOp, typeAttribute, type DataTypeName } from '../graph/native.js';
import type { LabelledImages } from '../../experiment/records/labelled-images.js';

/** A data set as tensors that stay on the device. */
export interface ResidentData {
  /** [count, height, width, channels], uint8, which tfjs itself does not know. */
  readonly pixels: tf.Tensor;
  /** [count], int32. */
  readonly labels: tf.Tensor;
  readonly count: number;
  readonly shape: readonly [number, number, number];
  readonly classes: number;
  dispose(): void;
}

/** The caller disposes of it. */
export function makeResident(data: LabelledImages, classes: number): ResidentData {
  const pixels = bytesTensor(data.pixels, [data.count, ...data.shape]);
  const labels = tf.tensor1d(Int32Array.from(data.labels), 'int32');
  const dispose = (): void => tf.dispose([pixels, labels]);
  return { pixels, labels, count: data.count, shape: data.shape, classes, dispose };
}

/** Four bytes travel as one int32 and are taken apart again by Bitcast; those that fill up the last one are cut off. */
function bytesTensor(bytes: Uint8Array, shape: number[]): tf.Tensor {
  const words = wordsOf(bytes);
  return tf.tidy(() => {
    const whole = nativeOp(
      'Bitcast',
      [tf.tensor1d(words, 'int32')],
      [typeAttribute('T', 'TF_INT32'), typeAttribute('type', 'TF_UINT8')],
    );
    const split = bytes.length % 4 === 0 ? whole : firstBytes(whole, words.length, bytes.length);
    const attributes = [typeAttribute('T', 'TF_UINT8'), typeAttribute('Tshape', 'TF_INT32')];
    return nativeOp('Reshape', [split, tf.tensor1d(shape, 'int32')], attributes);
  });
}

function wordsOf(bytes: Uint8Array): Int32Array {
  if (bytes.length % 4 !== 0) {
    const filled = new Uint8Array(4 * Math.ceil(bytes.length / 4));
    filled.set(bytes);
    return new Int32Array(filled.buffer);
  }
  // The slice of a Buffer of Node's would be a view.
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  return new Int32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
}

/** The first `count` of bytes [words, 4], flat. */
function firstBytes(bytes: tf.Tensor, words: number, count: number): tf.Tensor {
  const shape = [typeAttribute('T', 'TF_UINT8'), typeAttribute('Tshape', 'TF_INT32')];
  const flat = nativeOp('Reshape', [bytes, tf.tensor1d([4 * words], 'int32')], shape);
  const bounds = [tf.tensor1d([0], 'int32'), tf.tensor1d([count], 'int32')];
  const types = [typeAttribute('T', 'TF_UINT8'), typeAttribute('Index', 'TF_INT32')];
  return nativeOp('Slice', [flat, ...bounds], types);
}

/**
 * Turns f(…state, images, labels, weights, …rest) into a function of
 * (…state, pixels, labels, indices [batch] int32, weights [batch], …rest): the batch is gathered,
 * scaled to [0,1] and one-hot encoded inside the graph, so that a call feeds indices only.
 */
export function gathering<Result>(
  stateSize: number,
  classes: number,
  f: (...inputs: tf.Tensor[]) => Result,
): (...inputs: tf.Tensor[]) => Result {
  return (...inputs) => {
    const [pixels, labels, indices, weights, ...rest] = inputs.slice(stateSize);
    const bytes = gather('TF_UINT8', pixels!, indices!);
    // Times 1/255, as the graph optimiser would make of a division: eager and captured are the same bits.
    const images = tf.mul(nativeOp('Cast', [bytes], fromBytes()), 1 / 255);
    const oneHot = tf.cast(tf.oneHot(gather('TF_INT32', labels!, indices!), classes), 'float32');
    return f(...inputs.slice(0, stateSize), images, oneHot, weights!, ...rest);
  };
}

/** By name: tfjs takes bytes for int32, and reads the indices to check them, which a graph cannot. */
function gather(type: DataTypeName, values: tf.Tensor, indices: tf.Tensor): tf.Tensor {
  return nativeOp(
    'GatherV2',
    [values, indices, tf.scalar(0, 'int32')],
    [
      typeAttribute('Tparams', type),
      typeAttribute('Tindices', 'TF_INT32'),
      typeAttribute('Taxis', 'TF_INT32'),
    ],
  );
}

const fromBytes = () => [typeAttribute('SrcT', 'TF_UINT8'), typeAttribute('DstT', 'TF_FLOAT')];
