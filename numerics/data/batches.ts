/** Images to batches of one fixed size; a short last batch is padded and its padding weighs nothing. */
import * as tf from '@tensorflow/tfjs';
import type { LabelledImages } from './idx.js';

export interface Batch {
  /** [size, height, width, channels] in [0,1]. */
  readonly images: tf.Tensor;
  /** [size, classes], one-hot. */
  readonly labels: tf.Tensor;
  /** [size]: 1 for an image, 0 for padding. */
  readonly weights: tf.Tensor;
  /** Images that are no padding. */
  readonly count: number;
  dispose(): void;
}

/** Images `order[from]` … as one batch of `size`; the caller disposes of it. */
export function batchAt(
  data: LabelledImages,
  classes: number,
  order: Int32Array,
  from: number,
  size: number,
): Batch {
  const count = Math.min(size, order.length - from);
  const pixels = data.shape[0] * data.shape[1] * data.shape[2];
  const images = new Float32Array(size * pixels);
  const labels = new Float32Array(size * classes);
  for (let i = 0; i < count; i++) {
    const source = order[from + i]! * pixels;
    for (let p = 0; p < pixels; p++) images[i * pixels + p] = data.pixels[source + p]! / 255;
    labels[i * classes + data.labels[order[from + i]!]!] = 1;
  }
  const weights = new Float32Array(size).fill(1, 0, count);
  const tensors = [
    tf.tensor(images, [size, ...data.shape]),
    tf.tensor(labels, [size, classes]),
    tf.tensor(weights, [size]),
  ] as const;
  return {
    images: tensors[0],
    labels: tensors[1],
    weights: tensors[2],
    count,
    dispose: () => tf.dispose([...tensors]),
  };
}

/** 0, 1, … count-1. */
export function inOrder(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i);
}

export function batchCount(count: number, size: number): number {
  return Math.ceil(count / size);
}
