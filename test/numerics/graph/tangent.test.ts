// What the whole transformation promises, and the rules at kinks, where closed forms decide.
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { capture, type TensorFunction } from '../../../numerics/graph/capture.js';
import { compileGraph } from '../../../numerics/graph/compile.js';
import { compileLinearised } from '../../../numerics/graph/compile-linearised.js';
import { linearise } from '../../../numerics/graph/linearise.js';
import { nativeBackend, nativeOps, typeAttribute } from '../../../numerics/graph/native.js';
import { tangent } from '../../../numerics/graph/tangent.js';
import { maxPool, relu } from '../../../numerics/models/kernels.js';
import { difference, expectNoLeaks, host, values } from '../engine.js';
import { batchNorm, channels, image, pushforward, random, run, type } from './forward-mode.js';

expectNoLeaks();

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
      expect(along((y) => maxPool(y, 2, 2), x, v)).toEqual([10 * (position + 1)]);
    }
  });

  // Over a flat image every window is a tie; overlapping windows go through another kernel.
  test.each([
    ['disjoint', 2, 2, 'valid', 4],
    ['overlapping', 3, 2, 'valid', 3],
    ['padded', 3, 2, 'same', 4],
  ] as const)('of max-pooling is the transpose of its gradient: %s windows', (...pooling) => {
    const [, size, stride, padding, height] = pooling;
    const pool = (a: tf.Tensor) => tf.maxPool(a as tf.Tensor4D, size, stride, padding);
    const [u, v] = [random([2, height, height, 16], 1), random([2, 8, 8, 16], 2)];
    for (const x of [tf.fill([2, 8, 8, 16], 0.5), random([2, 8, 8, 16], 3)]) {
      const pulled = tf.tidy(() => tf.grad((a: tf.Tensor) => tf.sum(tf.mul(pool(a), u)))(x));
      const [pushed] = pushforward((a) => [pool(a)], [x], [v]) as [tf.Tensor];
      const [left, right] = tf.tidy(() => [
        values(tf.sum(tf.mul(pulled, v)))[0]!,
        values(tf.sum(tf.mul(u, pushed)))[0]!,
      ]);
      expect(left / right).toBeCloseTo(1, 4);
      tf.dispose([x, pulled, pushed]);
    }
    tf.dispose([u, v]);
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

describe('a linearised graph', () => {
  const f: TensorFunction = (x, w) => [tf.mul(tf.exp(tf.mul(x, w)), tf.square(w)), tf.neg(x)];

  test('gives the products of the whole graph at every point, with what is fixed computed once', () => {
    const points = [random([3], 1), random([3], 2)].map((x) => [x, random([3], 3)] as const);
    const whole = tangent(capture(f, points[0]!), [1], [0]);
    const linearised = compileLinearised(host, whole, 1, [2]);
    for (const point of points) {
      const product = linearised.at(...point);
      for (const v of [random([3], 4), random([3], 5)]) {
        const expected = run(whole, [...point, v]);
        const [found] = product(v) as [tf.Tensor];
        expect(values(found)).toEqual(values(expected[2]!));
        tf.dispose([v, found, ...expected]);
      }
      product.dispose();
    }
    tf.dispose(points.flat());
    linearised.dispose();
  });

  test('computes nothing for its products that does not depend on the varying inputs', () => {
    const point = [random([3], 1), random([3], 2)];
    const { fixed, product } = linearise(tangent(capture(f, point), [1], [0]), 1, [2]);
    const ops = (nodes: typeof fixed.nodes) =>
      nodes.flatMap((n) => (n.kind === 'op' ? [n.op] : []));
    expect(ops(fixed.nodes)).toContain('Exp');
    const specs = fixed.outputs.map(() => ({ shape: [3], dtype: 'float32' as const }));
    expect(ops(product(specs).nodes)).not.toContain('Exp');
    tf.dispose(point);
  });
});
