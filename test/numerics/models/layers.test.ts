import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { compile } from '../../../numerics/graph/compile.js';
import { crossEntropies } from '../../../numerics/losses/cross-entropy.js';
import { maxPool, relu } from '../../../numerics/models/kernels.js';
import { difference, expectNoLeaks, host, values } from '../engine.js';

expectNoLeaks();

/** The function's results eagerly and as a graph, which must be the same bits. */
function bothWays(f: (...inputs: tf.Tensor[]) => tf.Tensor[], inputs: tf.Tensor[]): number[][] {
  const compiled = compile(host, f, inputs);
  const eager = tf.tidy(() => f(...inputs).map(values));
  const captured = compiled(...inputs);
  const found = captured.map(values);
  expect(found).toEqual(eager);
  tf.dispose([...captured, ...inputs]);
  compiled.dispose();
  return eager;
}

describe('relu', () => {
  test('has gradient 1 above 0 and 0 at and below it', () => {
    const [value, gradient] = bothWays(
      (x) => [relu(x), tf.grad((y) => tf.sum(relu(y)))(x)],
      [tf.tensor1d([-2, -0, 0, 1e-30, 3])],
    );
    expect(value!.map(Math.abs)).toEqual([0, 0, 0, Math.fround(1e-30), 3]);
    expect(gradient).toEqual([0, 0, 0, 1, 1]);
  });
});

describe('crossEntropies', () => {
  test('are -log softmax of the label, and their gradient softmax minus the label', () => {
    const logits = [1, 2, -1, 100, 0, 0];
    const [loss, gradient] = bothWays(
      (z, y) => [crossEntropies(z, y), tf.grad((v) => tf.sum(crossEntropies(v, y)))(z)],
      [tf.tensor2d(logits, [2, 3]), tf.tensor2d([0, 1, 0, 0, 0, 1], [2, 3])],
    );
    const total = Math.exp(1) + Math.exp(2) + Math.exp(-1);
    expect(loss![0]).toBeCloseTo(Math.log(total) - 2, 6);
    expect(loss![1]).toBeCloseTo(100, 4);
    const p = [1, 2, -1].map((z) => Math.exp(z) / total);
    // float32: unit roundoff 6e-8 times a few operations.
    expect(difference(gradient!, [p[0]!, p[1]! - 1, p[2]!, 1, 0, -1])).toBeLessThan(1e-6);
  });
});

describe('maxPool of 2 x 2 windows', () => {
  const gradientOf = (image: number[], height: number): number[] =>
    bothWays(
      (x) => [tf.grad((y) => tf.sum(maxPool(y, 2, 2)))(x)],
      [tf.tensor4d(image, [1, height, image.length / height, 1])],
    )[0]!;

  test('gives the gradient of a tie to the first maximum in row-major order', () => {
    expect(gradientOf([0, 0, 0, 0], 2)).toEqual([1, 0, 0, 0]);
    expect(gradientOf([1, 2, 2, 2], 2)).toEqual([0, 1, 0, 0]);
    expect(gradientOf([1, 0, 3, 3], 2)).toEqual([0, 0, 1, 0]);
  });

  test('breaks ties the same way in every window of a flat image of many channels', () => {
    const [gradient] = bothWays(
      (x) => [tf.grad((y) => tf.sum(maxPool(y, 2, 2)))(x)],
      [tf.fill([2, 8, 8, 16], 0.5)],
    );
    gradient!.forEach((value, i) => {
      const [row, column] = [Math.floor(i / 128) % 8, Math.floor(i / 16) % 8];
      expect(value).toBe(row % 2 === 0 && column % 2 === 0 ? 1 : 0);
    });
  });
});
