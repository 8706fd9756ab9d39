/** The spaces of a network, and the attacker who knows the detector, on networks with closed forms. */
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { createAdaptiveAttacker } from '../../../numerics/detection/adaptive-attack.js';
import { distancesTo, type Detector } from '../../../numerics/detection/detector.js';
import { createEmbedding } from '../../../numerics/detection/embedding.js';
import { pcaDetector } from '../../../numerics/detection/pca-residual.js';
import { toTensors } from '../../../numerics/models/parameters.js';
import { modelFor } from '../../../numerics/models/registry.js';
import { stream } from '../../../numerics/random.js';
import { difference, expectNoLeaks, host, linearModel } from '../engine.js';
import { normalMatrix } from './points.js';

expectNoLeaks();

const pause = (): void => undefined;

describe('a space', () => {
  const shape = [28, 28, 1] as const;
  const model = modelFor('cnn-small', shape, 10);

  it('penultimate is what the last dense layer takes: features W + b are the logits', async () => {
    const weights = toTensors(model.parameters, model.initial(stream(1, 'init', 0)));
    const pixels = Float32Array.from({ length: 130 * 784 }, (_, i) => ((i * 37) % 101) / 100);
    const of = async (space: 'pixels' | 'penultimate' | 'logits') => {
      const embedding = createEmbedding(host, model, space, [...shape]);
      const found = await embedding.embed(weights, pixels, pause);
      embedding.dispose();
      return found;
    };
    const [seen, before, after] = [await of('pixels'), await of('penultimate'), await of('logits')];
    expect(seen.values).toEqual(pixels);
    expect(after.dimension).toBe(10);
    const [w, b] = weights.slice(-2) as [tf.Tensor2D, tf.Tensor];
    const logits = tf.tidy(() => {
      const features = tf.tensor2d(before.values, [130, before.dimension]);
      return tf.add(tf.matMul(features, w), b).dataSync();
    });
    expect(difference(logits, after.values)).toBeLessThan(1e-4);
    const largest = tf.tidy(() => tf.argMax(tf.tensor2d(after.values, [130, 10]), 1).dataSync());
    for (const { predicted } of [seen, before, after])
      expect(predicted).toEqual(Float32Array.from(largest));
    tf.dispose(weights);
  });

  it('of a network without a last dense layer has no penultimate points', () => {
    const linear = linearModel(4, 2);
    expect(() => createEmbedding(host, linear, 'penultimate', [2, 2, 1])).toThrow(
      'no last dense layer',
    );
  });
});

describe('the adaptive attacker', () => {
  const [n, epsilon] = [40, 0.1];
  const model = linearModel(4, 2);
  const settings = { epsilon, stepSize: 0.02, steps: 20, randomStart: false, seed: 1 };
  const facts = { shape: [2, 2, 1] as const, classes: 2 };
  /** Class 1 where the first pixel is bright: its gradient is along that pixel alone. */
  const weights = () => [
    tf.tensor2d([
      [-3, 3],
      [0, 0],
      [0, 0],
      [0, 0],
    ]),
    tf.tensor1d([1.5, -1.5]),
  ];
  /** Images whose last two pixels are equal: the residual is along their difference and the first two directions. */
  const pixels = Float32Array.from({ length: 4 * n }, (_, i) => 0.3 + 0.4 * (((i * 29) % 41) / 41));
  const labels = Uint8Array.from({ length: n }, (_, i) => (pixels[4 * i]! > 0.5 ? 1 : 0));

  async function attacked(lambda: number, changed: Partial<typeof settings> = {}) {
    const own = { ...settings, ...changed };
    const attacker = createAdaptiveAttacker(host, model, 'pixels', facts, own);
    const detector = fitted();
    const task = { weights: weights(), detector, images: pixels, labels, lambda };
    const found = await attacker.attack(task, pause);
    const distances = await distancesTo(detector, { values: found, dimension: 4 }, pause);
    const clean = await distancesTo(detector, { values: pixels, dimension: 4 }, pause);
    attacker.dispose();
    detector.dispose();
    tf.dispose(task.weights);
    return { found, distances, clean };
  }

  /** The plane of two directions, neither of which is the first pixel. */
  function fitted(): Detector {
    const references = tf.tidy(() => {
      const along = tf.tensor2d([
        [0, 1, 0, 0],
        [0, 0, 1, 1],
      ]);
      return tf.add<tf.Tensor2D>(tf.matMul(normalMatrix(1, 50, 2), along), 0.5);
    });
    const detector = pcaDetector(references, { components: 2 });
    references.dispose();
    return detector;
  }

  it('without a weight is PGD: every image ends at the corner that raises its loss', async () => {
    const { found } = await attacked(0);
    labels.forEach((label, i) => {
      const sign = label === 1 ? -1 : 1;
      expect(found[4 * i]! - pixels[4 * i]!).toBeCloseTo(sign * epsilon, 5);
      // The other pixels have no gradient, and stay.
      expect(found[4 * i + 1]).toBe(pixels[4 * i + 1]);
    });
  });

  it('with a large weight comes nearer to the manifold than the clean image; without, it does not', async () => {
    const mean = (values: Float32Array) => values.reduce((a, b) => a + b, 0) / values.length;
    const [blind, seeing] = [await attacked(0), await attacked(1000)];
    expect(mean(seeing.distances)).toBeLessThan(0.6 * mean(seeing.clean));
    expect(mean(blind.distances)).toBeGreaterThan(0.6 * mean(blind.clean));
    seeing.distances.forEach((one, i) => expect(one).toBeLessThan(seeing.clean[i]! + 0.03));
  });

  it('frees its tensors when it is stopped between two steps', async () => {
    const attacker = createAdaptiveAttacker(host, model, 'pixels', facts, settings);
    const task = { weights: weights(), detector: fitted(), images: pixels, labels, lambda: 1 };
    const stop = () => Promise.reject(new Error('stopped'));
    await expect(attacker.attack(task, stop)).rejects.toThrow('stopped');
    attacker.dispose();
    task.detector.dispose();
    tf.dispose(task.weights);
  });

  it('stays in the ball and in the pixel range, and its start is decided by the seed', async () => {
    const random = { randomStart: true, epsilon: 0.4, stepSize: 0.3, steps: 3 };
    const [first, again, other] = [
      await attacked(1, random),
      await attacked(1, random),
      await attacked(1, { ...random, seed: 2 }),
    ];
    first.found.forEach((value, i) => {
      expect(Math.abs(value - pixels[i]!)).toBeLessThanOrEqual(0.4 + 1e-6);
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(1);
    });
    expect(again.found).toEqual(first.found);
    expect(other.found).not.toEqual(first.found);
  });
});
