// Forward mode is checked op by op against central differences of the function itself (which shares
// no code with the rules) where it is smooth, and against closed forms where it has kinks.
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { capture, type TensorFunction } from '../../numerics/graph/capture.js';
import { compileGraph } from '../../numerics/graph/compile.js';
import type { Graph } from '../../numerics/graph/graph.js';
import { nativeBackend, nativeOp, nativeOps, typeAttribute } from '../../numerics/graph/native.js';
import { tangent } from '../../numerics/graph/tangent.js';
import { maxPool2, relu } from '../../numerics/models/layers.js';
import { normals, stream } from '../../numerics/random.js';
import { difference, expectNoLeaks, host, values } from './engine.js';

expectNoLeaks();

function random(shape: number[], index: number): tf.Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(Float32Array.from(normals(stream(9, 'init', index), size)), shape);
}

/** In [0.5, 2.5]: away from the poles and branch points of logarithms, roots and quotients. */
function positive(shape: number[], index: number): tf.Tensor {
  return tf.tidy(() => tf.add(tf.mul(tf.sigmoid(random(shape, index)), 2), 0.5));
}

function run(graph: Graph, inputs: readonly tf.Tensor[]): tf.Tensor[] {
  const compiled = compileGraph(host, graph);
  const results = compiled(...inputs);
  compiled.dispose();
  return results;
}

/** Tangents of all outputs of f at x along v, an entry of which is null where x does not move. */
function pushforward(
  f: TensorFunction,
  x: readonly tf.Tensor[],
  v: readonly (tf.Tensor | null)[],
): tf.Tensor[] {
  const moving = v.flatMap((direction, i) => (direction ? [i] : []));
  const graph = tangent(capture(f, x), moving);
  const seeds = v.filter((direction) => direction !== null);
  const results = run(graph, [...x, ...seeds]);
  const count = graph.outputs.length / 2;
  tf.dispose(results.slice(0, count));
  return results.slice(count);
}

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

const type = () => [typeAttribute('T', 'TF_FLOAT')];
const image = () => random([2, 6, 6, 3], 1);
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

function batchNorm(op: string, outputs: number, ...inputs: tf.Tensor[]): tf.Tensor[] {
  const { binding } = nativeBackend();
  return nativeOps(op, inputs, outputs, [
    ...type(),
    typeAttribute('U', 'TF_FLOAT'),
    { name: 'epsilon', type: binding.TF_ATTR_FLOAT, value: 1e-3 },
    { name: 'data_format', type: binding.TF_ATTR_STRING, value: 'NHWC' },
    { name: 'is_training', type: binding.TF_ATTR_BOOL, value: false },
  ]);
}

const channels = () => [positive([3], 2), random([3], 3), random([3], 4), positive([3], 5)];

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

/** Tangents of one function of one input, as numbers. */
function along(f: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor, v: tf.Tensor): number[] {
  const [y] = pushforward((a) => [f(a)], [x], [v]) as [tf.Tensor];
  const found = values(y);
  tf.dispose([x, v, y]);
  return found;
}

describe('forward mode at a kink', () => {
  test('of relu is 1 above 0 and 0 at and below it', () => {
    const x = tf.tensor1d([-2, -0, 0, 1e-30, 3]);
    expect(along(relu, x, tf.tensor1d([5, 6, 7, 8, 9]))).toEqual([0, 0, 0, 8, 9]);
  });

  test('of maximum takes the first of two equals, as the gradient does', () => {
    const both = (x: tf.Tensor) => tf.maximum(tf.mul(x, 2), tf.add(x, 1));
    expect(along(both, tf.tensor1d([0, 1, 2]), tf.tensor1d([10, 10, 10]))).toEqual([10, 20, 20]);
    const gradient = tf.tidy(() => values(tf.grad(both)(tf.tensor1d([0, 1, 2]))));
    expect(gradient).toEqual([1, 2, 2]);
  });

  test('of equal extrema is their mean', () => {
    const x = tf.tensor1d([3, 1, 3]);
    expect(along((a) => tf.max(a), x, tf.tensor1d([10, 100, 30]))).toEqual([20]);
  });

  test('of max-pooling takes the first maximum in row-major order', () => {
    for (const [window, position] of [
      [[0, 0, 0, 0], 0],
      [[1, 2, 2, 2], 1],
      [[1, 0, 3, 3], 2],
      [[0, 1, 2, 3], 3],
    ] as const) {
      const x = tf.tensor4d([...window], [1, 2, 2, 1]);
      const v = tf.tensor4d([10, 20, 30, 40], [1, 2, 2, 1]);
      expect(along(maxPool2, x, v)).toEqual([10 * (position + 1)]);
    }
  });

  test('of max-pooling is the transpose of its gradient in every window of a flat image', () => {
    const x = tf.fill([2, 8, 8, 16], 0.5);
    const [u, v] = [random([2, 4, 4, 16], 1), random([2, 8, 8, 16], 2)];
    const pulled = tf.tidy(() => tf.grad((a: tf.Tensor) => tf.sum(tf.mul(maxPool2(a), u)))(x));
    const [pushed] = pushforward((a) => [maxPool2(a)], [x], [v]) as [tf.Tensor];
    const [left, right] = tf.tidy(() => [
      values(tf.sum(tf.mul(pulled, v)))[0]!,
      values(tf.sum(tf.mul(u, pushed)))[0]!,
    ]);
    expect(left / right).toBeCloseTo(1, 4);
    tf.dispose([x, u, v, pulled, pushed]);
  });

  test('of the cross-entropy gradient keeps its digits where the network is sure', () => {
    // p = (1 - 2e, e, e) with e = exp(-30): by hand p (dz - <p, dz>) = e (dz - dz_0) off the top.
    const z = tf.tensor2d([[30, 0, 0]]);
    const gradient = (a: tf.Tensor): tf.Tensor =>
      nativeOps('SoftmaxCrossEntropyWithLogits', [a, tf.tensor2d([[1, 0, 0]])], 2)[1]!;
    const found = along(gradient, z, tf.tensor2d([[1, 3, -2]]));
    const e = Math.exp(-30);
    [e, 2 * e, -3 * e].forEach((value, i) => expect(found[i]! / value).toBeCloseTo(1, 5));
  });
});

describe('a tangent graph', () => {
  const f: TensorFunction = (x, w) => [
    tf.sum(tf.exp(relu(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D)))),
    tf.square(w),
  ];

  test('keeps the outputs of the graph and is linear in the direction', () => {
    const x = [random([2, 3], 1), random([3, 2], 2)];
    const [u, v] = [random([3, 2], 3), random([3, 2], 4)];
    const both = tf.tidy(() => tf.add(tf.mul(u, 2), v));
    const graph = tangent(capture(f, x), [1]);
    const compiled = compileGraph(host, graph);
    const [ofU, ofV, ofBoth] = [u, v, both].map((w) => compiled(...x, w));
    const plain = tf.tidy(() => f(...x).map(values));
    expect(ofU!.slice(0, 2).map(values)).toEqual(plain);
    for (const i of [2, 3]) {
      const expected = tf.tidy(() => values(tf.add(tf.mul(ofU![i]!, 2), ofV![i]!)));
      const scale = Math.max(...expected.map(Math.abs));
      // A dozen float32 operations.
      expect(difference(ofBoth![i]!, expected) / scale).toBeLessThan(2e-6);
    }
    compiled.dispose();
    tf.dispose([...x, u, v, both, ...ofU!, ...ofV!, ...ofBoth!]);
  });

  test('has zeros for an output that does not move, and no node for what does not matter', () => {
    const x = [random([2, 3], 1), random([3, 2], 2)];
    const captured = capture(f, x);
    const still = tangent(captured, [0], [1]);
    // The seed, and the zeros.
    expect(still.nodes.length).toBe(captured.nodes.length + 2);
    const v = random([2, 3], 3);
    const results = run(still, [...x, v]);
    expect(values(results[2]!)).toEqual([0, 0, 0, 0, 0, 0]);
    tf.dispose([...x, v, ...results]);
  });

  test('has a tangent itself: the second derivative along two directions', () => {
    const cube: TensorFunction = (x) => [tf.mul(x, tf.square(x))];
    const x = tf.tensor1d([1, 2, -3]);
    const [u, v] = [tf.tensor1d([1, 1, 2]), tf.tensor1d([1, -1, 1])];
    const second = tangent(tangent(capture(cube, [x]), [0]), [0], [1]);
    const results = run(second, [x, u, v]);
    expect(values(results[2]!)).toEqual([6, -12, -36]); // 6 x u v
    tf.dispose([x, u, v, ...results]);
  });

  test('throws by name and node on an op without a rule, but only where it moves', () => {
    const g: TensorFunction = (x, y) => [tf.mul(tf.sin(x), y)];
    const x = [tf.scalar(1), tf.scalar(2)];
    const captured = capture(g, x);
    expect(() => tangent(captured, [0])).toThrow(
      'no tangent of Sin (node Sin_2): there is no rule for this op',
    );
    const results = run(tangent(captured, [1]), [...x, x[1]!]);
    expect(values(results[1]!)[0]).toBeCloseTo(2 * Math.sin(1), 6);
    tf.dispose([...x, ...results]);
  });

  test('refuses batch norm with the statistics of the batch, a moving exponent, and whole numbers', () => {
    const x = [image(), ...channels()];
    const { binding } = nativeBackend();
    const training: TensorFunction = (a, scale, offset) => [
      nativeOps('FusedBatchNormV3', [a, scale, offset, tf.tensor1d([]), tf.tensor1d([])], 6, [
        ...type(),
        typeAttribute('U', 'TF_FLOAT'),
        { name: 'is_training', type: binding.TF_ATTR_BOOL, value: true },
      ])[0]!,
    ];
    expect(() => tangent(capture(training, x.slice(0, 3)), [0])).toThrow(
      /FusedBatchNormV3 \(node .*statistics of the batch/,
    );
    const fixed = capture((...a) => [batchNorm('FusedBatchNormV3', 6, ...a)[0]!], x);
    expect(() => tangent(fixed, [3])).toThrow(/its statistics move/);
    const one = tf.scalar(1);
    const whole = tf.scalar(1, 'int32');
    expect(() =>
      tangent(
        capture((a) => [tf.pow(a, a)], [one]),
        [0],
      ),
    ).toThrow(/exponent moves/);
    expect(() =>
      tangent(
        capture((a) => [tf.neg(a)], [whole]),
        [0],
      ),
    ).toThrow('input 0 is not one');
    tf.dispose([...x, one, whole]);
  });

  test('takes what passes through whole numbers for constant', () => {
    const f = (x: tf.Tensor) => tf.mul(x, tf.cast(tf.cast(x, 'int32'), 'float32'));
    expect(along(f, tf.tensor1d([2.5]), tf.tensor1d([10]))).toEqual([20]);
  });
});
