/** Forward mode, op by op, of what is not linear: elementwise functions, extrema, softmax and batch norm. */
import * as tf from '@tensorflow/tfjs';
import { describe, test } from 'vitest';
import { nativeOp, nativeOps } from '../../../numerics/graph/native.js';
import { expectCentralDifference, pair, type Case } from '../central-differences.js';
import { expectNoLeaks } from '../engine.js';
import { batchNorm, channels, image, positive, random } from './forward-mode.js';

expectNoLeaks();

const elementwise: Case[] = [
  {
    name: 'functions of one positive argument',
    f: (a) => [
      tf.square(a),
      tf.sqrt(a),
      tf.rsqrt(a),
      tf.exp(a),
      tf.log(a),
      tf.reciprocal(a),
      tf.pow(a, 3),
    ],
    x: () => [positive([7], 1)],
  },
  {
    name: 'functions of one argument',
    f: (a) => [tf.sigmoid(a), tf.tanh(a), tf.softplus(a), tf.abs(a), tf.leakyRelu(a, 0.1)],
    x: () => [random([7], 1)],
  },
  {
    name: 'quotient',
    f: (a, b) => [tf.div(a, b), tf.divNoNan(a, b)],
    x: () => [random([2, 3], 1), positive([3], 2)],
  },
  {
    name: 'quotient, only the divisor moving',
    f: (a, b) => [tf.div(a, b)],
    x: () => [random([3], 1), positive([2, 3], 2)],
    moving: [1],
  },
  {
    name: 'squared difference, one side moving',
    f: (a, b) => [tf.squaredDifference(a, b)],
    x: pair([3], [2, 3]),
    moving: [0],
  },
  {
    name: 'maximum and minimum',
    f: (a, b) => [tf.maximum(a, b), tf.minimum(a, b)],
    x: pair([2, 3], [3]),
  },
  {
    name: 'cast of floats to floats',
    f: (a) => [tf.mul(a, tf.cast(a, 'float32'))],
    x: () => [random([3], 1)],
  },
  {
    name: 'largest and smallest of some axes',
    f: (a) => [tf.max(a, 1), tf.min(a, [0, 2], true)],
    x: () => [random([2, 3, 4], 1)],
  },
  {
    name: 'softmax and log-softmax',
    f: (a) => [tf.softmax(a), tf.logSoftmax(a), nativeOp('LogSoftmax', [a])],
    x: () => [random([2, 4], 1)],
  },
  {
    name: 'cross-entropy and its gradient, logits and labels moving',
    f: (a, b) => nativeOps('SoftmaxCrossEntropyWithLogits', [a, tf.softmax(b)], 2),
    x: pair([3, 4], [3, 4]),
  },
  {
    name: 'cross-entropy, only the labels moving',
    f: (a, b) => nativeOps('SoftmaxCrossEntropyWithLogits', [a, tf.softmax(b)], 2),
    x: pair([3, 4], [3, 4]),
    moving: [1],
  },
];

const batchNorms: Case[] = [
  {
    name: 'with fixed statistics',
    f: (...inputs) => [batchNorm('FusedBatchNormV3', 6, ...inputs)[0]!],
    x: () => [image(), ...channels()],
    moving: [0, 1, 2],
  },
  {
    name: 'with fixed statistics, only the offset moving',
    f: (...inputs) => [batchNorm('FusedBatchNormV3', 6, ...inputs)[0]!],
    x: () => [image(), ...channels()],
    moving: [2],
  },
  {
    name: 'gradients with fixed statistics',
    f: (g, x, scale, _offset, mean, variance) =>
      batchNorm('FusedBatchNormGradV3', 5, g, x, scale, mean, variance, mean).slice(0, 3),
    x: () => [random([2, 6, 6, 3], 8), image(), ...channels()],
    moving: [0, 1, 2],
  },
  {
    name: 'of tfjs and its gradients',
    f: (x, scale, offset, mean, variance) => {
      const y = (...w: tf.Tensor[]) =>
        tf.batchNorm(
          w[0] as tf.Tensor4D,
          mean as tf.Tensor1D,
          variance as tf.Tensor1D,
          w[2] as tf.Tensor1D,
          w[1] as tf.Tensor1D,
        );
      const loss = (...w: tf.Tensor[]): tf.Scalar => tf.sum(tf.square(y(...w)));
      return tf.grads(loss)([x, scale, offset]);
    },
    x: () => [image(), ...channels()],
    moving: [0, 1, 2],
  },
];

describe('forward mode against central differences', () => {
  test.each(elementwise)('of $name', expectCentralDifference);
  test.each(batchNorms)('of batch norm $name', expectCentralDifference);
});
