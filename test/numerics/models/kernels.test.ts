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

/** Kernel size, height and width, channels in and out: one for each form of a gradient. */
const cases = {
  'one channel, 1 x 1': [1, [6, 9], 1, 3],
  'one channel': [3, [6, 9], 1, 16],
  'one channel, 5 x 5': [5, [6, 9], 1, 4],
  'several channels': [3, [6, 9], 3, 5],
} as const;

describe('a convolution', () => {
  for (const [name, [size, [height, width], channels, out]] of Object.entries(cases)) {
    test(`has the gradients that tfjs gives it: ${name}`, () => {
      tf.tidy(() => {
        const random = <R extends tf.Rank>(shape: tf.ShapeMap[R], seed: number) =>
          tf.randomNormal<R>(shape, 0, 1, 'float32', seed);
        const x = random<tf.Rank.R4>([2, height, width, channels], 1);
        const kernels = random<tf.Rank.R4>([size, size, channels, out], 2);
        const upstream = random<tf.Rank.R4>([2, height, width, out], 3);
        const expected = gradients(direct, [x, kernels, upstream]);
        const found = gradients(
          (a, b) => bareConvolve(a, b, { stride: 1 }),
          [x, kernels, upstream],
        );
        expect(found.map(({ shape }) => shape)).toEqual(expected.map(({ shape }) => shape));
        found.forEach((gradient, i) => {
          const scale = tf.max(tf.abs(expected[i]!)).dataSync()[0]!;
          expect(difference(gradient, expected[i]!) / scale).toBeLessThan(2e-6);
        });
        if (size === 1) return;
        const other = gradients(direct, [x, tf.reverse(kernels, [0, 1]), upstream]);
        expect(difference(found[0]!, other[0]!)).toBeGreaterThan(0.1);
      });
    });
  }
});
