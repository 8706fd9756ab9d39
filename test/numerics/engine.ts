/** TensorFlow for the tests of the numerics, started once per test file. */
import * as tf from '@tensorflow/tfjs';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { drawInitial } from '../../numerics/models/initial.js';
import {
  parameterSize,
  type ParameterSpec,
  type ParameterValues,
} from '../../numerics/models/parameters.js';
import { afterEach, beforeEach, expect } from 'vitest';
import type { LabelledImages } from '../../experiment/records/labelled-images.js';
import type { Model } from '../../numerics/models/model.js';
import { stream } from '../../numerics/random.js';
import { startTensorFlow } from '../../engine/process/tensorflow.js';

export const { host } = await startTensorFlow('cpu');

/** Every test of the file must leave as many tensors as it found. */
export function expectNoLeaks(): void {
  let before = 0;
  beforeEach(() => {
    before = tf.memory().numTensors;
  });
  afterEach(() => {
    expect(tf.memory().numTensors).toBe(before);
  });
}

export function values(tensor: tf.Tensor): number[] {
  return Array.from(tensor.dataSync());
}

/** Largest absolute difference of two tensors or arrays of numbers. */
export function difference(
  a: tf.Tensor | ArrayLike<number>,
  b: tf.Tensor | ArrayLike<number>,
): number {
  const [x, y] = [a, b].map((v) => Array.from(v instanceof tf.Tensor ? v.dataSync() : v));
  expect(x!.length).toBe(y!.length);
  return x!.reduce((most, value, i) => Math.max(most, Math.abs(value - y![i]!)), 0);
}

/** z = flatten(x) W + b on images [2, 2, 1]: the smallest network whose attacks have closed forms. */
export function linearModel(pixels: number, classes: number): Model {
  return {
    name: 'cnn-small',
    parameters: [
      { name: 'weight', shape: [pixels, classes] },
      { name: 'bias', shape: [classes] },
    ],
    initial: () => new Map(),
    apply: ([weight, bias], images) =>
      tf.add(
        tf.matMul(tf.reshape(images, [images.shape[0], pixels]), weight as tf.Tensor2D),
        bias!,
      ),
  };
}

/** `count` noisy images of shape [28, 28, 1]: class c is bright in row 2c, so that they can be learned. */
export function syntheticDigits(count: number, seed = 1): LabelledImages {
  const generator = stream(seed, 'shuffle', 0);
  const pixels = new Uint8Array(count * 784);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 10);
  for (let i = 0; i < count; i++) {
    for (let p = 0; p < 784; p++) {
      const bright = Math.floor(p / 28) === 2 * labels[i]! + 3 ? 160 : 0;
      pixels[i * 784 + p] = bright + ((generator.next() >>> 8) % 90);
    }
  }
  return { count, shape: [28, 28, 1], pixels, labels };
}

function fanIn(spec: ParameterSpec): number {
  return parameterSize(spec) / spec.shape.at(-1)!;
}

/** Biases 0, weights N(0, 2 / fan-in), drawn in the order of the specs. */
export function heStart(
  parameters: readonly ParameterSpec[],
  generator: RandomGenerator,
): ParameterValues {
  return new Map(
    parameters.map((spec) => [
      spec.name,
      drawInitial(
        generator,
        spec.shape.length === 1
          ? { ...spec, initial: { kind: 'constant', value: 0 } }
          : { ...spec, initial: { kind: 'normal', deviation: Math.sqrt(2 / fanIn(spec)) } },
      ),
    ]),
  );
}
