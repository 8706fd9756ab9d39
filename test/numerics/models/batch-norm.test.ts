import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batchSizes } from '../../../numerics/data/batches.js';
import type { LabelledImages } from '../../../experiment/records/labelled-images.js';
import { augment } from '../../../numerics/data/augmentation.js';
import { makeResident } from '../../../numerics/data/resident.js';
import { draw } from '../../../numerics/graph/per-image.js';
import { compile } from '../../../numerics/graph/compile.js';
import {
  epsilon,
  normaliseBy,
  normaliseByBatch,
  observing,
} from '../../../numerics/models/batch-norm.js';
import { bareConvolve } from '../../../numerics/models/kernels.js';
import { network } from '../../../numerics/models/network.js';
import { toTensors } from '../../../numerics/models/parameters.js';
import { opSeed, stream } from '../../../numerics/random.js';
import {
  createStatisticsEstimator,
  type StatisticsPass,
} from '../../../numerics/evaluation/batch-norm-statistics.js';
import { trainFrom } from '../../../numerics/training/endpoint.js';
import { difference, expectNoLeaks, host, values } from '../engine.js';

expectNoLeaks();

/** A small network with batch norm after a strided convolution, for 6 x 6 images of one channel. */
const tiny = network({
  ...{ name: 'preresnet26', shape: [6, 6, 1], classes: 2 },
  layers: [
    {
      ...{ kind: 'convolution', name: 'conv', filters: 3, size: 3, stride: 2, bias: false },
      initial: 'fan-out-normal',
    },
    { kind: 'batch-norm', name: 'bn' },
    { kind: 'relu' },
    { kind: 'global-average-pool' },
    { kind: 'dense', name: 'fc', units: 'classes', initial: 'fan-in-uniform' },
  ],
});

function images(count: number): LabelledImages {
  const generator = stream(5, 'shuffle', 0);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 2);
  const pixels = Uint8Array.from({ length: count * 36 }, (_, p) => {
    const noise = (generator.next() >>> 8) % 100;
    return labels[Math.floor(p / 36)] === 1 && p % 2 === 0 ? 255 - noise : noise;
  });
  return { count, shape: [6, 6, 1], pixels, labels };
}

const start = () => toTensors(tiny.parameters, tiny.initial(stream(1, 'init', 0)));

/** Mean and unbiased variance of each channel in float64. */
function moments(x: tf.Tensor): { mean: number[]; variance: number[] } {
  const channels = x.shape.at(-1)!;
  const columns = Array.from({ length: channels }, (_, c) =>
    values(x).filter((_value, i) => i % channels === c),
  );
  const mean = columns.map((v) => v.reduce((a, b) => a + b) / v.length);
  const variance = columns.map(
    (v, c) => v.reduce((sum, value) => sum + (value - mean[c]!) ** 2, 0) / (v.length - 1),
  );
  return { mean, variance };
}

describe('batch norm in training', () => {
  const composed = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) => {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    return normaliseBy(x, gamma, beta, mean, variance);
  };
  const inputs = () =>
    tf.tidy(() => [
      tf.randomNormal([4, 3, 5, 2], 2, 3, 'float32', 1),
      tf.tensor1d([0.5, 2]),
      tf.tensor1d([-1, 3]),
    ]);

  test('is the composed formula, its gradients too, eagerly and in a graph', () => {
    const weighting = tf.tidy(() => tf.randomNormal([4, 3, 5, 2], 0, 1, 'float32', 2));
    const ofLoss = (f: typeof composed) => (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) => [
      f(x, gamma, beta),
      ...tf.grads((a, b, c) => tf.sum(tf.mul(f(a, b, c), weighting)))([x, gamma, beta]),
    ];
    const native = ofLoss((x, gamma, beta) => normaliseByBatch(x, gamma, beta, () => {}));
    const args = inputs() as [tf.Tensor, tf.Tensor, tf.Tensor];
    const compiled = compile(host, (...a) => native(...(a as typeof args)), args);
    const captured = compiled(...args);
    tf.tidy(() => {
      const expected = ofLoss(composed)(...args);
      native(...args).forEach((value, i) => {
        // float32 sums of 60 values in two orders.
        expect(difference(value, expected[i]!)).toBeLessThan(2e-5);
        expect(difference(captured[i]!, value)).toBeLessThan(1e-6);
      });
    });
    compiled.dispose();
    tf.dispose([...captured, ...args, weighting]);
  });

  test('observes the mean and the unbiased variance, also inside a gradient', () => {
    const [x, gamma, beta] = inputs() as [tf.Tensor, tf.Tensor, tf.Tensor];
    tf.tidy(() => {
      const { statistics } = observing((observe) =>
        tf.grad((y) => tf.sum(normaliseByBatch(y, gamma, beta, observe)))(x),
      );
      const { mean, variance } = moments(x);
      expect(difference(statistics[0]!, mean)).toBeLessThan(1e-5);
      expect(difference(statistics[1]!, variance)).toBeLessThan(1e-5);
    });
    tf.dispose([x, gamma, beta]);
  });
});

test('evaluation goes by the statistics among the weights: images do not see each other', () => {
  const weights = [...start(), tf.tensor1d([0.1, -0.2, 0.3]), tf.tensor1d([1, 2, 0.5])];
  tf.tidy(() => {
    const x = tf.randomUniform([4, 6, 6, 1], 0, 1, 'float32', 3);
    const all = values(tiny.apply(weights, x));
    const one = values(tiny.apply(weights, tf.slice(x, [2, 0, 0, 0], [1, 6, 6, 1])));
    expect(difference(one, all.slice(4, 6))).toBeLessThan(1e-6);
    const y = normaliseBy(
      tf.ones([1, 1, 1, 1]),
      ...([3, 1, 0.5, 4].map((v) => tf.tensor1d([v])) as [
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
      ]),
    );
    expect(values(y)[0]).toBeCloseTo((3 * 0.5) / Math.sqrt(4 + epsilon) + 1, 6);
  });
  tf.dispose(weights);
});

describe('a strided convolution', () => {
  test('pads like PyTorch: its first window is centred on the first pixel', () => {
    const x = tf.tidy(() => tf.reshape(tf.range(0, 16), [1, 4, 4, 1]));
    tf.tidy(() => {
      const centre = tf.tensor4d([0, 0, 0, 0, 1, 0, 0, 0, 0], [3, 3, 1, 1]);
      expect(values(bareConvolve(x, centre, { stride: 2 }))).toEqual([0, 2, 8, 10]);
      const corner = tf.tensor4d([1, 0, 0, 0, 0, 0, 0, 0, 0], [3, 3, 1, 1]);
      expect(values(bareConvolve(x, corner, { stride: 2 }))).toEqual([0, 0, 0, 5]);
    });
    tf.dispose(x);
  });
});

describe('statistics re-estimated by a pass over a data set', () => {
  test('are the means of the batch statistics weighted by the sizes of the batches', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 23 }),
        fc.integer({ min: 1, max: 25 }),
        async (count, size) => {
          const labelled = images(count);
          const data = makeResident(labelled, 2);
          const parameters = start();
          const estimator = createStatisticsEstimator(host, tiny, data, { batchSize: size });
          const found = await estimator.estimate(parameters, () => {});
          const sums = { mean: [0, 0, 0], variance: [0, 0, 0] };
          for (let from = 0; from < count; from += size) {
            const length = Math.min(size, count - from);
            tf.tidy(() => {
              const pixels = labelled.pixels.subarray(36 * from, 36 * (from + length));
              const x = tf.tensor4d(
                Float32Array.from(pixels, (p) => p / 255),
                [length, 6, 6, 1],
              );
              const batch = moments(bareConvolve(x, parameters[0]!, { stride: 2 }));
              for (const key of ['mean', 'variance'] as const) {
                batch[key].forEach((value, c) => (sums[key][c]! += (length * value) / count));
              }
            });
          }
          expect(difference(found[0]!, sums.mean)).toBeLessThan(1e-5);
          expect(difference(found[1]!, sums.variance)).toBeLessThan(1e-5);
          estimator.dispose();
          data.dispose();
          tf.dispose([...found, ...parameters]);
        },
      ),
      { numRuns: 12 },
    );
  });

  test('are those of the first images, augmented as in training, alike at every call', async () => {
    const labelled = images(11);
    const data = makeResident(labelled, 2);
    const parameters = start();
    const augmentation = { flip: true, padding: 2 };
    const estimate = async (pass: Omit<StatisticsPass, 'batchSize'>) => {
      const estimator = createStatisticsEstimator(host, tiny, data, { batchSize: 8, ...pass });
      const found = [
        await estimator.estimate(parameters, () => {}),
        await estimator.estimate(parameters, () => {}),
      ];
      estimator.dispose();
      const [first, again] = found.map((statistics) => statistics.map(values));
      tf.dispose(found);
      expect(again).toEqual(first);
      return first!;
    };
    const augmented = await estimate({ count: 6, augmentation });
    const expected = tf.tidy(() => {
      const pixels = Float32Array.from(labelled.pixels.subarray(0, 36 * 6), (p) => p / 255);
      const seed = tf.tensor1d([...opSeed(0, 'statistics-noise', 0)], 'int32');
      const seen = augment(tf.tensor4d(pixels, [6, 6, 6, 1]), augmentation, draw(seed, 0));
      return moments(bareConvolve(seen, parameters[0]!, { stride: 2 }));
    });
    augmented[0]!.forEach((value, c) => expect(value).toBeCloseTo(expected.mean[c]!, 5));
    augmented[1]!.forEach((value, c) => expect(value).toBeCloseTo(expected.variance[c]!, 5));
    expect(await estimate({ count: 6 })).not.toEqual(augmented);
    expect(await estimate({ augmentation })).not.toEqual(augmented);
    expect(await estimate({ count: 100 })).toEqual(await estimate({}));
    data.dispose();
    tf.dispose(parameters);
  });

  test('take batches that add up to the data set, the last one short instead of padded', () => {
    expect(batchSizes(10, 4, true)).toEqual([4, 2]);
    expect(batchSizes(8, 4, true)).toEqual([4, 4]);
    expect(batchSizes(3, 4, true)).toEqual([3, 3]);
    expect(batchSizes(10, 4, false)).toEqual([4]);
  });
});

describe('training with batch norm', () => {
  const recipe = { epochs: 1, batchSize: 8, learningRate: 0.1, momentum: 0.9, weightDecay: 0 };

  test('moves the running statistics by a tenth of each batch, short ones included', async () => {
    const data = makeResident(images(4), 2);
    const parameters = start();
    const observed = tf.tidy(() => {
      const pixels = images(4).pixels;
      const x = tf.tensor4d(
        Float32Array.from(pixels, (p) => p / 255),
        [4, 6, 6, 1],
      );
      return moments(bareConvolve(x, parameters[0]!, { stride: 2 }));
    });
    const weights = await trainFrom(host, parameters, {
      ...{ model: tiny, recipe, adversarial: null, data, seed: 1, onStep: () => {} },
    });
    const [mean, variance] = weights.slice(tiny.parameters.length);
    expect(
      difference(
        mean!,
        observed.mean.map((m) => 0.1 * m),
      ),
    ).toBeLessThan(1e-6);
    expect(
      difference(
        variance!,
        observed.variance.map((v) => 0.9 + 0.1 * v),
      ),
    ).toBeLessThan(1e-6);
    data.dispose();
    tf.dispose(weights);
  });

  test.each([false, true])(
    'learns, the same bytes twice (adversarial: %s)',
    async (adversarial) => {
      const train = async () => {
        const data = makeResident(images(30), 2);
        const losses: number[] = [];
        const weights = await trainFrom(host, start(), {
          ...{ model: tiny, data, seed: 1 },
          recipe: { ...recipe, epochs: 20 },
          adversarial: adversarial
            ? { epsilon: 0.02, stepSize: 0.01, steps: 2, randomStart: true, warmup: 0 }
            : null,
          onStep: (_step, _total, loss) => void losses.push(loss),
        });
        const found = weights.map(values);
        data.dispose();
        tf.dispose(weights);
        return { found, losses };
      };
      const [first, second] = [await train(), await train()];
      expect(second.found).toEqual(first.found);
      expect(first.losses.at(-1)).toBeLessThan(0.5 * first.losses[0]!);
    },
  );
});
