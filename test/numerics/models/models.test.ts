import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { TrainingRecipe } from '../../../experiment/specs/training.js';
import { modelNames } from '../../../experiment/catalogue/models/index.js';
import { compile } from '../../../numerics/graph/compile.js';
import type { Model } from '../../../numerics/models/model.js';
import { modelFor } from '../../../numerics/models/registry.js';
import { parameterSize, toTensors } from '../../../numerics/models/parameters.js';
import { stream } from '../../../numerics/random.js';
import { initialStatistics } from '../../../numerics/evaluation/batch-norm-statistics.js';
import { dropoutFor } from '../../../numerics/training/step-noise.js';
import { difference, expectNoLeaks, host, values } from '../engine.js';

expectNoLeaks();

const grey = [28, 28, 1] as const;
const colour = [32, 32, 3] as const;

function count({ parameters }: Model): number {
  return parameters.reduce((sum, spec) => sum + parameterSize(spec), 0);
}

describe('the number of parameters', () => {
  const conv = (k: number, from: number, to: number) => k * k * from * to + to;
  const fc = (from: number, to: number) => from * to + to;

  test('of cnn-small is that of its layers', () => {
    const dense = (features: number, classes: number) => fc(features, 100) + fc(100, classes);
    expect(count(modelFor('cnn-small', grey, 10))).toBe(162_710);
    expect(162_710).toBe(conv(3, 1, 16) + conv(3, 16, 32) + dense(7 * 7 * 32, 10));
    const wide = conv(3, 3, 16) + conv(3, 16, 32) + dense(8 * 8 * 32, 100);
    expect(count(modelFor('cnn-small', colour, 100))).toBe(wide);
  });

  test('of mlp is that of its layers', () => {
    expect(count(modelFor('mlp', grey, 10))).toBe(fc(784, 256) + fc(256, 256) + fc(256, 10));
    expect(count(modelFor('mlp', colour, 10))).toBe(fc(3072, 256) + fc(256, 256) + fc(256, 10));
  });

  test('of convfc is that of its layers: 1,152 features of a colour image, 512 of a grey one', () => {
    const dense = (features: number) => fc(features, 1000) + fc(1000, 1000) + fc(1000, 10);
    const tail = conv(5, 32, 64) + conv(5, 64, 128);
    expect(count(modelFor('convfc', colour, 10))).toBe(conv(5, 3, 32) + tail + dense(1152));
    expect(count(modelFor('convfc', grey, 10))).toBe(conv(5, 1, 32) + tail + dense(512));
  });

  test('of vgg16 is 15,245,130 in 32 tensors', () => {
    const model = modelFor('vgg16', colour, 10);
    expect(count(model)).toBe(15_245_130);
    expect(model.parameters).toHaveLength(32);
  });

  test('of vgg16-bn is that of vgg16 and two for each of the 4,224 channels', () => {
    const channels = 2 * 64 + 2 * 128 + 3 * 256 + 6 * 512;
    expect(channels).toBe(4_224);
    expect(count(modelFor('vgg16-bn', colour, 10))).toBe(15_245_130 + 2 * channels);
  });

  test('of preresnet26 is 369,498 in 79 tensors', () => {
    const model = modelFor('preresnet26', colour, 10);
    expect(count(model)).toBe(369_498);
    expect(model.parameters).toHaveLength(79);
  });

  test.each([
    ['preresnet110', 12],
    ['preresnet164', 18],
  ] as const)('of %s is that of three stages of %i bottlenecks', (name, blocks) => {
    // 1 x 1 to p, 3 x 3, 1 x 1 to 4p, each after a batch norm of its input.
    const block = (from: number, p: number) =>
      2 * from + from * p + 2 * p + 9 * p * p + 2 * p + 4 * p * p;
    const stage = (from: number, p: number) =>
      block(from, p) + from * 4 * p + (blocks - 1) * block(4 * p, p);
    const stages = stage(16, 16) + stage(64, 32) + stage(128, 64);
    expect(count(modelFor(name, colour, 10))).toBe(9 * 3 * 16 + stages + 2 * 256 + fc(256, 10));
  });

  test('of wrn28x10 is that of three stages of four blocks with biases', () => {
    const block = (from: number, to: number) =>
      2 * from + conv(3, from, to) + 2 * to + conv(3, to, to);
    const stage = (from: number, to: number) =>
      block(from, to) + conv(1, from, to) + 3 * block(to, to);
    const stages = stage(16, 160) + stage(160, 320) + stage(320, 640);
    expect(count(modelFor('wrn28x10', colour, 10))).toBe(
      conv(3, 3, 16) + stages + 2 * 640 + fc(640, 10),
    );
  });
});

describe('every model', () => {
  test.each(modelNames)('%s gives logits for each class, differentiable, also captured', (name) => {
    const model = modelFor(name, colour, 7);
    const start = toTensors(model.parameters, model.initial(stream(1, 'init', 0)));
    const weights = [...start, ...initialStatistics(model)];
    const images = tf.tidy(() => tf.randomUniform([2, ...colour], 0, 1, 'float32', 5));
    const f = (x: tf.Tensor) => [
      model.apply(weights, x),
      tf.grad((y) => tf.sum(tf.square(model.apply(weights, y))))(x),
    ];
    const compiled = compile(host, f, [images]);
    const [logits, gradient] = compiled(images);
    expect(logits!.shape).toEqual([2, 7]);
    expect(gradient!.shape).toEqual(images.shape);
    const eager = tf.tidy(() => f(images).map(values));
    // The graph optimiser may fuse: float32 sums of up to 4,608 products in another order.
    const scale = (v: readonly number[]) => Math.max(...v.map(Math.abs));
    expect(difference(logits!, eager[0]!) / scale(eager[0]!)).toBeLessThan(1e-4);
    // A rounding that crosses zero at one of a deep network's millions of ReLUs changes the gradient.
    const norm = (v: readonly number[]) => Math.hypot(...v);
    const apart = values(gradient!).map((value, i) => value - eager[1]![i]!);
    expect(norm(apart) / norm(eager[1]!)).toBeLessThan(0.02);
    expect(scale(eager[1]!)).toBeGreaterThan(0);
    compiled.dispose();
    tf.dispose([logits!, gradient!, images, ...weights]);
  });

  test('refuses images that its layers cannot take', () => {
    expect(() => modelFor('vgg16', grey, 10)).toThrow('vgg16 takes images of 32 x 32 pixels');
    expect(() => modelFor('convfc', [8, 8, 3], 10)).toThrow('of at least 15 x 15 pixels');
  });
});

/** Mean and variance of the values of one parameter. */
function moments(all: ReadonlyMap<string, Float32Array>, name: string): [number, number] {
  const found = all.get(name)!;
  const mean = found.reduce((a, b) => a + b) / found.length;
  return [mean, found.reduce((sum, x) => sum + (x - mean) ** 2, 0) / found.length];
}

describe('the start of vgg16', () => {
  const start = modelFor('vgg16', colour, 10).initial(stream(1, 'init', 0));

  test('is normal with variance 2 / (k k out) in the convolutions, with biases 0', () => {
    const [mean, variance] = moments(start, 'conv3.1.weight'); // [3, 3, 128, 256]
    const expected = 2 / (9 * 256);
    const n = 9 * 128 * 256;
    // Four standard errors.
    expect(Math.abs(mean)).toBeLessThan(4 * Math.sqrt(expected / n));
    expect(Math.abs(variance / expected - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
    expect(start.get('conv3.1.bias')!.every((x) => x === 0)).toBe(true);
  });

  test('is uniform in ±1 / sqrt(in) in the dense layers, biases too', () => {
    const bound = 1 / Math.sqrt(512);
    for (const name of ['fc1.weight', 'fc1.bias']) {
      const found = start.get(name)!;
      const largest = found.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      expect(largest).toBeLessThanOrEqual(Math.fround(bound));
      expect(largest).toBeGreaterThan(0.9 * bound);
    }
    const [, variance] = moments(start, 'fc1.weight');
    expect(variance / (bound ** 2 / 3)).toBeCloseTo(1, 1);
  });
});

describe('dropout', () => {
  const recipe: TrainingRecipe = {
    ...{ epochs: 1, batchSize: 1, learningRate: 1, momentum: 0, weightDecay: 0 },
    dropout: 0.25,
  };
  const dropped = (seed: readonly [number, number], layers = 1): number[][] =>
    tf.tidy(() => {
      const drop = dropoutFor(recipe, tf.tensor1d([...seed], 'int32'))!;
      const ones = tf.ones([100, 100]);
      return Array.from({ length: layers }, () => values(drop(ones)));
    });

  test('drops that share of the activations and scales the others to keep the mean', () => {
    const [found] = dropped([1, 2]);
    const kept = found!.filter((x) => x !== 0);
    expect(new Set(kept)).toEqual(new Set([Math.fround(1 / 0.75)]));
    // Four standard errors of a share of 10,000.
    expect(Math.abs(kept.length / 10_000 - 0.75)).toBeLessThan(4 * Math.sqrt(0.1875 / 10_000));
  });

  test('is decided by the seed, and differs between layers', () => {
    const [first, second] = dropped([1, 2], 2);
    expect(dropped([1, 2], 2)).toEqual([first, second]);
    expect(second).not.toEqual(first);
    expect(dropped([1, 4])[0]).not.toEqual(first);
  });

  test('is part of training only, and of models that have it', () => {
    const model = modelFor('vgg16', colour, 10);
    const weights = toTensors(model.parameters, model.initial(stream(1, 'init', 0)));
    tf.tidy(() => {
      const images = tf.fill([1, ...colour], 0.5);
      const logits = (seed: number | null) => {
        if (seed === null) return values(model.apply(weights, images));
        const drop = dropoutFor(recipe, tf.tensor1d([seed, 0], 'int32'))!;
        return values(model.train!(weights, images, { drop, observe: () => {} }));
      };
      expect(logits(1)).toEqual(logits(1));
      expect(logits(1)).not.toEqual(logits(2));
      expect(logits(null)).not.toEqual(logits(1));
      expect(logits(null)).toEqual(logits(null));
    });
    tf.dispose(weights);
  });
});
