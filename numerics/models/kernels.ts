/** Functions of layers whose gradients are single TensorFlow kernels; tfjs composes the same from many small ops. */
import * as tf from '@tensorflow/tfjs';
import { nativeOp } from '../graph/native.js';
import { imageGradient, kernelGradient } from './convolution-gradients.js';

/** max(x, 0); the gradient at 0 is 0. */
export const relu: (x: tf.Tensor) => tf.Tensor = tf.customGrad((x, save) => {
  const value = nativeOp('Relu', [x as tf.Tensor]);
  (save as tf.GradSaveFunc)([value]);
  return {
    value,
    gradFunc: (upstream, [saved]) => nativeOp('ReluGrad', [upstream, saved!]),
  };
});

/** x [..., channels] + bias [channels]; the kernel by which the graph optimiser knows a bias, and joins it to what makes x. */
const addBias: (x: tf.Tensor, bias: tf.Tensor) => tf.Tensor = tf.customGrad((x, bias) => ({
  value: nativeOp('BiasAdd', [x as tf.Tensor, bias as tf.Tensor]),
  gradFunc: (upstream) => [upstream, nativeOp('BiasAddGrad', [upstream])],
}));

/** Geometry of a convolution. */
export interface ConvolutionOptions {
  readonly stride: number;
  /** Zeros on every side (default (k - 1) / 2 for kernels of k x k). */
  readonly padding?: number;
}

/** `bareConvolve` plus bias [out]. */
export function convolve(
  x: tf.Tensor,
  weight: tf.Tensor,
  bias: tf.Tensor,
  options: ConvolutionOptions = { stride: 1 },
): tf.Tensor {
  return addBias(bareConvolve(x, weight, options), bias);
}

/** Maximum over windows, no padding; among equal maxima the first in row-major order gets the gradient. */
export function maxPool(x: tf.Tensor, size: number, stride: number): tf.Tensor {
  return tf.maxPool(x as tf.Tensor4D, size, stride, 'valid');
}

/** Mean over windows, no padding; x [batch, h, w, c]. */
export function averagePool(x: tf.Tensor, size: number, stride: number): tf.Tensor {
  return tf.avgPool(x as tf.Tensor4D, size, stride, 'valid');
}

/** x [batch, h, w, c] to [batch, h, w, before + c + after]; the new channels are 0. */
export function padChannels(x: tf.Tensor, before: number, after: number): tf.Tensor {
  return tf.pad(x as tf.Tensor4D, [
    [0, 0],
    [0, 0],
    [0, 0],
    [before, after],
  ]);
}

/** x [batch, in] * weight [in, out] + bias [out]. */
export function dense(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  return addBias(tf.matMul<tf.Tensor>(x, weight), bias);
}

/** x [batch, h, w, c] to the mean over each image's pixels [batch, c]. */
export function globalAverage(x: tf.Tensor): tf.Tensor {
  return tf.mean(x, [1, 2]);
}

/**
 * x [batch, h, w, in] * weight [k, k, in, out], without a bias, k odd unless a padding is given. With a stride,
 * TensorFlow's own "same" padding would put the odd zero at the end alone; PyTorch, and so the published
 * networks, put it on both sides. (Its "explicit" padding took twice the time of a training step.)
 */
export function bareConvolve(
  x: tf.Tensor,
  weight: tf.Tensor,
  { stride, padding: given }: ConvolutionOptions,
): tf.Tensor {
  const kernels = weight as tf.Tensor4D;
  const same = (kernels.shape[0] - 1) / 2;
  const padding = given ?? same;
  if (padding === same && stride === 1) return convolveSame(x, kernels);
  if (padding === same && padding === 0)
    return tf.conv2d(x as tf.Tensor4D, kernels, stride, 'same');
  const sides: [number, number] = [padding, padding];
  const padded = tf.pad(x as tf.Tensor4D, [[0, 0], sides, sides, [0, 0]]);
  return tf.conv2d(padded, kernels, stride, 'valid');
}

/** With stride 1 and the padding that keeps height and width. */
const convolveSame: (x: tf.Tensor, weight: tf.Tensor) => tf.Tensor = tf.customGrad(
  (image, kernels, save) => {
    const [x, weight] = [image as tf.Tensor4D, kernels as tf.Tensor4D];
    (save as tf.GradSaveFunc)([x, weight]);
    return {
      value: tf.conv2d(x, weight, 1, 'same'),
      gradFunc: (upstream, saved) => {
        const [g, [input, filter]] = [upstream as tf.Tensor4D, saved as tf.Tensor4D[]];
        return [imageGradient(g, filter!, input!.shape), kernelGradient(g, input!, filter!.shape)];
      },
    };
  },
);
