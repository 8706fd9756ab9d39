/** Batches as indices of one fixed size; a short last batch is padded and its padding weighs nothing. */
import * as tf from '@tensorflow/tfjs';

/** A batch as indices into a data set. */
export interface IndexBatch {
  /** [size], int32; padding repeats image 0. */
  readonly indices: tf.Tensor;
  /** [size]: 1 for an image, 0 for padding. */
  readonly weights: tf.Tensor;
  /** Images that are no padding. */
  readonly count: number;
  dispose(): void;
}

/** Entries `from` … of the order as one batch of `size`; the caller disposes of it. */
export function batchAt(order: Int32Array, from: number, size: number): IndexBatch {
  const part = order.subarray(from, from + size);
  const padded = new Int32Array(size);
  padded.set(part);
  const indices = tf.tensor1d(padded, 'int32');
  const weights = tf.tensor1d(new Float32Array(size).fill(1, 0, part.length));
  const dispose = (): void => tf.dispose([indices, weights]);
  return { indices, weights, count: part.length, dispose };
}

/** 0, 1, … count-1. */
export function inOrder(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i);
}

/** Batches of `size` that hold `count` images, the last one possibly short. */
export function batchCount(count: number, size: number): number {
  return Math.ceil(count / size);
}

/**
 * Sizes of the batches from which `count` images are taken. Padding weighs nothing in a mean, but batch
 * norm would see it: with `exact` the last batch is as short as what is left.
 */
export function batchSizes(count: number, size: number, exact: boolean): readonly number[] {
  return exact ? [Math.min(size, count), ((count - 1) % size) + 1] : [size];
}
