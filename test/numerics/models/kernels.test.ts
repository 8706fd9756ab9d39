/** Convolutions whose gradients are our own: against those of tfjs, and with a kernel that is not mirrored. */
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { bareConvolve } from '../../../numerics/models/kernels.js';
import { difference, expectNoLeaks } from '../engine.js';

expectNoLeaks();

/** Gradients of Σ weight · y in the images and in the kernels. */
function gradients(
  f: (x: tf.Tensor4D, kernels: tf.Tensor4D) => tf.Tensor,
  [x, kernels, upstream]: readonly [tf.Tensor4D, tf.Tensor4D, tf.Tensor],
): tf.Tensor[] {
  const loss = (a: tf.Tensor, b: tf.Tensor) =>
    tf.sum(tf.mul(f(a as tf.Tensor4D, b as tf.Tensor4D), upstream));
  return tf.grads(loss)([x, kernels]);
}

const direct = (a: tf.Tensor4D, b: tf.Tensor4D) => tf.conv2d(a, b, 1, 'same');

describe('a convolution of one channel', () => {
  for (const [size, out] of [
    [1, 3],
    [3, 16],
    [5, 4],
  ] as const) {
    test(`with kernels of ${size} x ${size} has the gradients of every convolution`, () => {
      tf.tidy(() => {
        const x = tf.randomNormal<tf.Rank.R4>([2, 6, 9, 1], 0, 1, 'float32', 1);
        const kernels = tf.randomNormal<tf.Rank.R4>([size, size, 1, out], 0, 1, 'float32', 2);
        const upstream = tf.randomNormal([2, 6, 9, out], 0, 1, 'float32', 3);
        const expected = gradients(direct, [x, kernels, upstream]);
        const found = gradients(
          (a, b) => bareConvolve(a, b, { stride: 1 }),
          [x, kernels, upstream],
        );
        expect(found.map(({ shape }) => shape)).toEqual(expected.map(({ shape }) => shape));
        found.forEach((gradient, i) =>
          expect(difference(gradient, expected[i]!)).toBeLessThan(2e-5),
        );
        if (size === 1) return;
        const other = gradients(direct, [x, tf.reverse(kernels, [0, 1]), upstream]);
        expect(difference(found[0]!, other[0]!)).toBeGreaterThan(0.1);
      });
    });
  }
});
