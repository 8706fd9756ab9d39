/**
 * Gradients of a convolution with stride 1 that keeps height and width, in one of several equal forms: figures of
 * each by `npm run bench -- convolutions`. What decides is the shapes alone, so the bits are the same everywhere.
 */
import * as tf from '@tensorflow/tfjs';
import { attribute, nativeOp, typeAttribute } from '../graph/native.js';

type Shape4D = [number, number, number, number];

/** Gradient in the images [batch, h, w, in], of kernels [k, k, in, out] and the upstream gradient g [batch, h, w, out]. */
export function imageGradient(g: tf.Tensor4D, kernels: tf.Tensor4D, images: Shape4D): tf.Tensor {
  return images[3] === 1 ? depthwiseGradient(g, kernels) : directImageGradient(g, kernels, images);
}

/** TensorFlow's own gradient in the images. */
export function directImageGradient(
  g: tf.Tensor4D,
  kernels: tf.Tensor4D,
  images: Shape4D,
): tf.Tensor {
  return nativeOp('Conv2DBackpropInput', [shapeTensor(images), kernels, g], attributes());
}

/**
 * Gradient in images of one channel [batch, h, w, 1], kernels [k, k, 1, out]: Σ_c (g_c correlated with kernel c mirrored). oneDNN's own gradient computes 16 channels of which one
 * is wanted; depthwise, and then summed over the channels, it takes about a third of the time. Three channels gain nothing.
 */
export function depthwiseGradient(g: tf.Tensor4D, kernels: tf.Tensor4D): tf.Tensor {
  const [size, , , out] = kernels.shape;
  const mirrored = tf.reverse(kernels, [0, 1]).reshape<tf.Tensor4D>([size, size, out, 1]);
  const [batch, height, width] = g.shape;
  const each = tf.depthwiseConv2d(g, mirrored, 1, 'same').reshape([-1, out]);
  return tf.matMul(each, tf.ones([out, 1])).reshape([batch, height, width, 1]);
}

/** TensorFlow's own gradient in the kernels. */
export function kernelGradient(g: tf.Tensor4D, x: tf.Tensor4D, kernels: Shape4D): tf.Tensor {
  return nativeOp('Conv2DBackpropFilter', [x, shapeTensor(kernels), g], attributes());
}

function shapeTensor(shape: readonly number[]): tf.Tensor {
  return tf.tensor1d([...shape], 'int32');
}

const attributes = () => [
  typeAttribute('T', 'TF_FLOAT'),
  attribute('strides', 'TF_ATTR_INT', [1, 1, 1, 1]),
  attribute('padding', 'TF_ATTR_STRING', 'SAME'),
  attribute('data_format', 'TF_ATTR_STRING', 'NHWC'),
  attribute('use_cudnn_on_gpu', 'TF_ATTR_BOOL', true),
  attribute('dilations', 'TF_ATTR_INT', [1, 1, 1, 1]),
];
