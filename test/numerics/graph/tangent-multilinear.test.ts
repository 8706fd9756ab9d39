/** Forward mode, op by op, of what is linear in each of its inputs, and of what only moves or selects values. */
import * as tf from '@tensorflow/tfjs';
import { describe, test } from 'vitest';
import { nativeBackend, nativeOp, typeAttribute } from '../../../numerics/graph/native.js';
import { expectCentralDifference, pair, type Case } from '../central-differences.js';
import { expectNoLeaks } from '../engine.js';
import { image, random, type } from './forward-mode.js';

expectNoLeaks();

const filter = () => random([3, 3, 3, 4], 2);
const four = (x: tf.Tensor) => x as tf.Tensor4D;
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

describe('forward mode against central differences', () => {
  test.each(multilinear)('of $name', expectCentralDifference);
});
