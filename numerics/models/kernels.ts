/** Functions of layers whose gradients are single TensorFlow kernels; tfjs composes the same from many small ops. */
import * as tf from '@tensorflow/tfjs';
import { attribute, nativeOp, typeAttribute } from '../graph/native.js';

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
  if (padding === same && (stride === 1 || padding === 0)) {
    const isOneChannel = kernels.shape[2] === 1 && stride === 1;
    return isOneChannel
      ? convolveOneChannel(x, kernels)
      : tf.conv2d(x as tf.Tensor4D, kernels, stride, 'same');
  }
  const sides: [number, number] = [padding, padding];
  const padded = tf.pad(x as tf.Tensor4D, [[0, 0], sides, sides, [0, 0]]);
  return tf.conv2d(padded, kernels, stride, 'valid');
}

/**
 * The same for one input channel, with stride 1 and zeros on every side. oneDNN's gradient in the image computes 16
 * channels of which one is wanted; a depthwise convolution of the upstream gradient with the mirrored kernels, summed over
 * its channels, is the same in about a third of the time. (Three channels gain nothing: docs/studies/limits.md.)
 */
const convolveOneChannel: (x: tf.Tensor, weight: tf.Tensor) => tf.Tensor = tf.customGrad(
  (image, kernels, save) => {
    const [x, weight] = [image as tf.Tensor4D, kernels as tf.Tensor4D];
    (save as tf.GradSaveFunc)([x, weight]);
    return {
      value: tf.conv2d(x, weight, 1, 'same'),
      gradFunc: (upstream, [input, filter]) => [
        imageGradient(upstream as tf.Tensor4D, filter as tf.Tensor4D),
        kernelGradient(upstream, input!, weight.shape),
      ],
    };
  },
);

/** Σ_c (g_c correlated with kernel c mirrored) for g [batch, h, w, out] and kernels [k, k, 1, out]: [batch, h, w, 1]. */
function imageGradient(g: tf.Tensor4D, kernels: tf.Tensor4D): tf.Tensor {
  const [size, , , out] = kernels.shape;
  const mirrored = tf.reverse(kernels, [0, 1]).reshape<tf.Tensor4D>([size, size, out, 1]);
  const [batch, height, width] = g.shape;
  const each = tf.depthwiseConv2d(g, mirrored, 1, 'same').reshape([-1, out]);
  return tf.matMul(each, tf.ones([out, 1])).reshape([batch, height, width, 1]);
}

function kernelGradient(g: tf.Tensor, x: tf.Tensor, shape: number[]): tf.Tensor {
  return nativeOp(
    'Conv2DBackpropFilter',
    [x, tf.tensor1d(shape, 'int32'), g],
    [
      typeAttribute('T', 'TF_FLOAT'),
      attribute('strides', 'TF_ATTR_INT', [1, 1, 1, 1]),
      attribute('padding', 'TF_ATTR_STRING', 'SAME'),
      attribute('data_format', 'TF_ATTR_STRING', 'NHWC'),
      attribute('use_cudnn_on_gpu', 'TF_ATTR_BOOL', true),
      attribute('dilations', 'TF_ATTR_INT', [1, 1, 1, 1]),
    ],
  );
}
