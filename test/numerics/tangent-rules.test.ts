// Forward mode is checked op by op against central differences of the function itself, which share
// no code with the rules; functions with kinks are taken where they are smooth.
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { TensorFunction } from '../../numerics/graph/capture.js';
import { nativeBackend, nativeOp, nativeOps, typeAttribute } from '../../numerics/graph/native.js';
import { difference, expectNoLeaks, values } from './engine.js';
import { batchNorm, channels, image, positive, pushforward, random, type } from './forward-mode.js';

expectNoLeaks();

/** (f(x + h v) - f(x - h v)) / 2h. */
function centralDifference(
  f: TensorFunction,
  x: readonly tf.Tensor[],
  v: readonly (tf.Tensor | null)[],
  h: number,
): tf.Tensor[] {
  return tf.tidy(() => {
    const at = (step: number) =>
      f(...x.map((xi, i) => (v[i] ? tf.add(xi, tf.mul(v[i], step)) : xi)));
    const [ahead, behind] = [at(h), at(-h)];
    return ahead.map((y, i) => tf.div(tf.sub(y, behind[i]!), 2 * h));
  });
}

interface Case {
  readonly name: string;
  readonly f: TensorFunction;
  readonly x: () => tf.Tensor[];
  /** Which inputs move; all by default. */
  readonly moving?: readonly number[];
}

const filter = () => random([3, 3, 3, 4], 2);
const four = (x: tf.Tensor) => x as tf.Tensor4D;
const pair = (a: number[], b: number[]) => () => [random(a, 1), random(b, 2)];
const ints = (...shape: number[]) => tf.tensor1d(shape, 'int32');

const multilinear: Case[] = [
  { name: 'add, both moving', f: (a, b) => [tf.add(a, b)], x: pair([2, 3], [2, 3]) },
  { name: 'add of a row', f: (a, b) => [tf.add(a, b)], x: pair([2, 3], [3]) },
  {
    name: 'add, only the row moving',
    f: (a, b) => [tf.add(a, b)],
    x: pair([2, 3], [3]),
    moving: [1],
  },
  { name: 'add of a column to a row', f: (a, b) => [tf.add(a, b)], x: pair([2, 1], [3]) },
  {
    name: 'sub, only the scalar moving',
    f: (a, b) => [tf.sub(a, b)],
    x: pair([2, 3], []),
    moving: [1],
  },
  { name: 'mul of a column and a row', f: (a, b) => [tf.mul(a, b)], x: pair([2, 1], [1, 3]) },
  {
    name: 'mul, only the scalar moving',
    f: (a, b) => [tf.mul(a, b)],
    x: pair([], [4]),
    moving: [0],
  },
  {
    name: 'addN with one constant',
    f: (a, b) => [tf.addN([a, b, tf.mul(a, b)])],
    x: pair([3], [3]),
    moving: [0],
  },
  {
    name: 'neg and reshape',
    f: (a) => [tf.reshape(tf.neg(a), [3, 2])],
    x: () => [random([6], 1)],
  },
  { name: 'transpose', f: (a) => [tf.transpose(a)], x: () => [random([2, 3], 1)] },
  {
    name: 'sums and means over some axes',
    f: (a) => [tf.sum(a, 1), tf.mean(a, [0, 2], true), tf.sum(a)],
    x: () => [random([2, 3, 4], 1)],
  },
  {
    name: 'matrix products, transposed in every way',
    f: (a, b) => [
      tf.matMul(a, b, false, false),
      tf.matMul(a, b, true, false),
      tf.matMul(a, b, false, true),
      tf.matMul(a, b, true, true),
    ],
    x: pair([3, 3], [3, 3]),
  },
  {
    name: 'matrix products of batches',
    f: (a, b) => [tf.matMul(a, b)],
    x: pair([4, 2, 3], [4, 3, 2]),
  },
  {
    name: 'MatMul by name',
    f: (a, b) => [
      nativeOp(
        'MatMul',
        [a, b],
        [
          ...type(),
          { name: 'transpose_a', type: nativeBackend().binding.TF_ATTR_BOOL, value: false },
          { name: 'transpose_b', type: nativeBackend().binding.TF_ATTR_BOOL, value: true },
        ],
      ),
    ],
    x: pair([2, 3], [4, 3]),
  },
  {
    name: 'BiasAdd, only the bias moving',
    f: (a, b) => [nativeOp('BiasAdd', [a, b])],
    x: pair([2, 2, 2, 3], [3]),
    moving: [1],
  },
  {
    name: 'convolution',
    f: (a, b) => [tf.conv2d(four(a), four(b), 2, 'same')],
    x: () => [image(), filter()],
  },
  {
    name: 'convolution gradients',
    f: (a, b) => {
      const loss = (x: tf.Tensor, w: tf.Tensor) =>
        tf.sum(tf.square(tf.conv2d(four(x), four(w), 1, 'same')));
      return tf.grads(loss)([a, b]);
    },
    x: () => [image(), filter()],
  },
  {
    name: 'average pooling and its gradient',
    f: (a) => [
      tf.avgPool(four(a), 2, 2, 'valid'),
      tf.grad((x: tf.Tensor) => tf.sum(tf.square(tf.avgPool(four(x), 3, 2, 'same'))))(a),
    ],
    x: () => [image()],
  },
  {
    name: 'gradients of max-pooling, disjoint and overlapping, in the upstream gradient',
    f: (a, b) => [
      tf.grad((x: tf.Tensor) => tf.sum(tf.mul(tf.maxPool(four(x), 2, 2, 'valid'), a)))(b),
      tf.grad((x: tf.Tensor) => tf.sum(tf.mul(tf.maxPool(four(x), 3, 2, 'same'), a)))(b),
    ],
    x: () => [random([2, 3, 3, 3], 3), image()],
    moving: [0],
  },
  {
    name: 'slice, stack, unstack and concat',
    f: (a, b) => [
      tf.slice(a, [0, 1], [2, 2]),
      tf.stack([a, b]),
      ...tf.unstack(tf.mul(a, b), 1),
      tf.concat([a, b, a], 1),
      ...tf.split(b, [1, 2], 1),
    ],
    x: pair([2, 3], [2, 3]),
    moving: [0],
  },
  {
    name: 'tile, broadcast, pad, reverse and strided slice',
    f: (a) => [
      tf.tile(a, [2, 1]),
      nativeOp('BroadcastTo', [a, ints(4, 2, 3)], [...type(), typeAttribute('Tidx', 'TF_INT32')]),
      tf.pad(a, [
        [1, 0],
        [0, 2],
      ]),
      tf.reverse(a, 1),
      tf.stridedSlice(a, [0, 0], [2, 3], [1, 2]),
    ],
    x: () => [random([2, 3], 1)],
  },
  {
    name: 'select',
    f: (a, b) => [tf.where(tf.tensor1d([1, 0, 1], 'bool'), a, b)],
    x: pair([3], [3]),
    moving: [1],
  },
];

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
          four(w[0]!),
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

function expectCentralDifference({ f, x, moving }: Case): void {
  const at = x();
  const v = at.map((xi, i) => ((moving?.includes(i) ?? true) ? random(xi.shape, 50 + i) : null));
  const exact = pushforward(f, at, v);
  const h = 1e-2;
  const close = centralDifference(f, at, v, h);
  exact.forEach((y, i) => {
    expect(y.shape).toEqual(close[i]!.shape);
    const scale = Math.max(1, ...values(close[i]!).map(Math.abs));
    // Truncation h² f''' / 6 with f''' up to about 40, and float32 roundoff of 1e-7 / 2h.
    expect(difference(y, close[i]!) / scale).toBeLessThan(2e-3);
  });
  tf.dispose([...at, ...v.filter((direction) => direction !== null), ...exact, ...close]);
}

describe('forward mode against central differences', () => {
  test.each(multilinear)('of $name', expectCentralDifference);
  test.each(elementwise)('of $name', expectCentralDifference);
  test.each(batchNorms)('of batch norm $name', expectCentralDifference);
});
