// What an attack leaves of every image, checked from outside: against the data set and the network, without the attack's code.
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { dataset, firstImages } from '../../engine/toolkit/data.js';
import type { MetricRow, Outputs } from '../../experiment/records/records.js';
import { modelFor } from '../../numerics/models/registry.js';
import { decodeSafetensors, type DecodedTensors } from '../../stores/formats/safetensors.js';
import { contextOf, measured, planOf } from './bodies.js';

const count = 150;
const attacks = {
  plain:
    '{ epsilon: 0.1, stepSize: 0.03, steps: 5, restarts: 2, images: 150, points: 2, keepImages: true }',
  l2: '{ method: apgd, norm: l2, epsilon: 1, steps: 8, images: 150, points: 2, keepImages: true, checks: { queries: 0 } }',
  l1: '{ norm: l1, epsilon: 8, stepSize: 2, pixels: 5, steps: 8, images: 150, points: 2, keepImages: true }',
  auto: '{ method: autoattack, epsilon: 0.08, steps: 5, targets: 2, queries: 20, images: 150, points: 2, keepImages: true }',
};
type Name = keyof typeof attacks;
const epsilons: Readonly<Record<Name, number>> = { plain: 0.1, l2: 1, l1: 8, auto: 0.08 };
const assignments = Object.entries(attacks).map(([name, value]) => `attacks.${name}=${value}`);

const lengths: Readonly<Record<Name, (change: readonly number[]) => number>> = {
  plain: (change) => Math.max(...change.map(Math.abs)),
  auto: (change) => Math.max(...change.map(Math.abs)),
  l2: (change) => Math.hypot(...change),
  l1: (change) => change.reduce((sum, d) => sum + Math.abs(d), 0),
};

const context = contextOf([], new AbortController().signal);
const read = async (outputs: Outputs, name: string): Promise<DecodedTensors> =>
  decodeSafetensors(await context.blobs.get(outputs[name]!));
const numbers = (file: DecodedTensors, name: string): number[] =>
  Array.from(file.tensors.get(name)!.data as Float32Array);

/** Predictions and cross-entropies of these images by plain tfjs operations on the stored weights of endpoint A. */
async function predict(weights: DecodedTensors, pixels: ArrayLike<number>, labels: Uint8Array) {
  const { classes, test: images } = await dataset(context, 'mnist');
  const model = modelFor('cnn-small', images.shape, classes);
  return tf.tidy(() => {
    const parameters = model.parameters.map(({ name, shape }) =>
      tf.tensor(weights.tensors.get(name)!.data as Float32Array, [...shape]),
    );
    const x = tf.tensor(Float32Array.from(pixels), [count, ...images.shape]);
    const logits = model.apply(parameters, x);
    const chosen = tf.sum(
      tf.mul(
        tf.logSoftmax(logits as tf.Tensor2D),
        tf.oneHot(tf.tensor1d(labels, 'int32'), classes),
      ),
      1,
    );
    return {
      predicted: Array.from(tf.argMax(logits, 1).dataSync()),
      nll: Array.from(tf.neg(chosen).dataSync()),
    };
  });
}

describe.each(Object.keys(attacks) as Name[])('the outcomes of attack %s', (name) => {
  let rows: readonly MetricRow[];
  let outputs: Outputs;
  let weights: DecodedTensors;
  let outcomes: DecodedTensors;
  beforeAll(async () => {
    ({ rows, outputs } = await measured(`attack/A-B/${name}`, assignments));
    const endpoint = await measured('endpoint/A', assignments);
    weights = await read(endpoint.outputs, 'weights');
    outcomes = await read(outputs, 'outcomes');
  }, 240_000);

  test('name the images and their labels, and average to the recorded series', async () => {
    const images = firstImages((await dataset(context, 'mnist')).test, count);
    expect(numbers(outcomes, 'image')).toEqual(Array.from({ length: count }, (_, i) => i));
    expect(numbers(outcomes, 'label')).toEqual([...images.labels]);
    const means = { clean_nll: 'clean_nll', robust_nll: 'nll' };
    for (const [series, field] of Object.entries(means)) {
      [0, 1].forEach((t) => {
        const values = numbers(outcomes, field).slice(t * count, (t + 1) * count);
        const row = rows.find((one) => one.series === series && one.x === t)!;
        expect(values.reduce((sum, v) => sum + v, 0) / count).toBeCloseTo(row.value, 4);
      });
    }
    const wrong = numbers(outcomes, 'misclassified').slice(0, count);
    const error = rows.find(({ series, x }) => series === 'robust_error' && x === 0)!.value;
    expect((100 * wrong.reduce((sum, v) => sum + v, 0)) / count).toBeCloseTo(error, 5);
    const labels = numbers(outcomes, 'label');
    const predicted = numbers(outcomes, 'prediction');
    expect(wrong).toEqual(labels.map((label, i) => Number(predicted[i] !== label)));
  });

  test('are what the stored network says of the stored images, in ball and pixel range', async () => {
    const images = firstImages((await dataset(context, 'mnist')).test, count);
    const kept = await read(outputs, 'adversarial@0');
    expect(kept.tensors.get('adversarial')!.shape).toEqual([count, 28, 28, 1]);
    const pixels = numbers(kept, 'adversarial');
    expect(Math.min(...pixels)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...pixels)).toBeLessThanOrEqual(1);
    const distances = numbers(outcomes, 'distance');
    for (let i = 0; i < count; i++) {
      const change = pixels
        .slice(i * 784, (i + 1) * 784)
        .map((pixel, j) => pixel - Math.fround(images.pixels[i * 784 + j]! * Math.fround(1 / 255)));
      const length = lengths[name](change);
      expect(length).toBeLessThanOrEqual(epsilons[name] * (1 + 1e-5) + 1e-6);
      expect(distances[i]).toBeCloseTo(length, 4);
    }
    const found = await predict(weights, pixels, images.labels);
    expect(numbers(outcomes, 'prediction').slice(0, count)).toEqual(found.predicted);
    numbers(outcomes, 'nll')
      .slice(0, count)
      .forEach((nll, i) => expect(nll).toBeCloseTo(found.nll[i]!, 3));
  });

  test('name the pass that found each of them', () => {
    const passes = JSON.parse(outcomes.metadata['passes']!) as string[];
    const used = new Set(numbers(outcomes, 'pass'));
    for (const pass of used) expect(pass).toBeLessThan(passes.length);
    const misclassified = numbers(outcomes, 'misclassified');
    const cleanWrong = numbers(outcomes, 'clean_prediction').map(
      (predicted, i) => predicted !== numbers(outcomes, 'label')[i % count],
    );
    numbers(outcomes, 'pass').forEach((pass, i) => {
      // Only an image that is misclassified as it is can be so without a pass.
      if (pass === -1 && misclassified[i] === 1) expect(cleanWrong[i]).toBe(true);
    });
    expect(used.size > 1).toBe(passes.length > 1);
  });
});

test('without keepImages there are outcomes and no images, under another key', async () => {
  const plain =
    'attacks.plain={ epsilon: 0.1, stepSize: 0.03, steps: 5, restarts: 2, images: 150, points: 2 }';
  const { outputs } = await measured('attack/A-B/plain', [plain]);
  expect(Object.keys(outputs)).toEqual(['outcomes']);
  const kept = await measured('attack/A-B/plain', assignments);
  expect(kept.outputs['outcomes']).toEqual(outputs['outcomes']);
  const keyOf = (set: readonly string[]) =>
    planOf(...set).runs.find((run) => run.name === 'attack/A-B/plain')!.key;
  expect(keyOf([plain])).not.toBe(keyOf(assignments));
  expect(keyOf([plain.replace(' }', ', keepImages: false }')])).toBe(keyOf([plain]));
}, 120_000);
