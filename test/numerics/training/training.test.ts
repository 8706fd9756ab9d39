import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { TrainingRecipe } from '../../../experiment/specs/training.js';
import { createEvaluator, type Evaluation } from '../../../numerics/evaluation/evaluate.js';
import { unrolled } from '../../../numerics/graph/loop.js';
import { modelFor } from '../../../numerics/models/registry.js';
import { crossEntropies } from '../../../numerics/losses/cross-entropy.js';
import { toTensors, toValues } from '../../../numerics/models/parameters.js';
import { stream } from '../../../numerics/random.js';
import { makeResident, type ResidentData } from '../../../numerics/data/resident.js';
import { fitBends } from '../../../numerics/training/curve.js';
import { curveStep } from '../../../numerics/training/curve-step.js';
import { DivergedError } from '../../../numerics/optimise/diverged.js';
import { trainFrom } from '../../../numerics/training/endpoint.js';
import { endpointStep } from '../../../numerics/training/endpoint-step.js';
import { batchNll, lossAndGradients } from '../../../numerics/losses/training-loss.js';
import {
  difference,
  expectNoLeaks,
  host,
  linearModel,
  syntheticDigits,
  values,
} from '../engine.js';

expectNoLeaks();

const recipe: TrainingRecipe = {
  epochs: 2,
  batchSize: 16,
  learningRate: 0.05,
  momentum: 0.9,
  weightDecay: 5e-4,
};
const model = modelFor('cnn-small', [28, 28, 1], 10);
const start = (seed: number) => toTensors(model.parameters, model.initial(stream(seed, 'init', 0)));
const digits = syntheticDigits(150);

/** The first images as the tensors that a step takes. */
function batchOf(count: number, size: number) {
  const pixels = new Float32Array(size * 784);
  pixels.set(Float32Array.from(digits.pixels.subarray(0, count * 784), (p) => p / 255));
  const labels = tf.oneHot(tf.tensor1d(digits.labels.subarray(0, size), 'int32'), 10).toFloat();
  const weights = tf.tensor1d(new Float32Array(size).fill(1, 0, count));
  return { images: tf.tensor4d(pixels, [size, 28, 28, 1]), labels, weights };
}

async function withDigits<T>(use: (data: ResidentData) => Promise<T>): Promise<T> {
  const data = makeResident(digits, 10);
  try {
    return await use(data);
  } finally {
    data.dispose();
  }
}

describe('one training step', () => {
  test('with label smoothing, of softmax regression is p - (1 - ε) y - ε / classes', () => {
    tf.tidy(() => {
      const linear = linearModel(2, 2);
      const batch = {
        images: tf.tensor4d([0.5, 1], [1, 1, 2, 1]),
        labels: tf.tensor2d([1, 0], [1, 2]),
        weights: tf.tensor1d([1]),
      };
      const parameters = [tf.tensor2d([1, 0, 0, 1], [2, 2]), tf.tensor1d([0, 0])];
      const smoothed = lossAndGradients(linear, parameters, batch, { labelSmoothing: 0.2 });
      const p0 = Math.exp(0.5) / (Math.exp(0.5) + Math.exp(1)); // logits are the pixels
      expect(difference(smoothed.gradients[1]!, [p0 - 0.9, 1 - p0 - 0.1])).toBeLessThan(1e-6);
      const nll = -0.9 * Math.log(p0) - 0.1 * Math.log(1 - p0);
      expect(values(smoothed.nll)[0]).toBeCloseTo(nll, 6);
      const step = unrolled(
        endpointStep(linear, { ...recipe, labelSmoothing: 0.2, weightDecay: 0, momentum: 0 }, null),
      );
      const velocities = parameters.map((w) => tf.zerosLike(w));
      const { images, labels, weights } = batch;
      const inputs = [...parameters, ...velocities, images, labels, weights, tf.scalar(1)];
      const [, bias] = step(...inputs);
      expect(difference(bias!, [0.9 - p0, p0 - 0.9])).toBeLessThan(1e-6);
    });
  });

  test('of softmax regression is the gradient in closed form, with weight decay and momentum', () => {
    tf.tidy(() => {
      const linear = linearModel(2, 2);
      const images = tf.tensor4d([0.5, 1], [1, 1, 2, 1]);
      const parameters = [tf.tensor2d([1, 0, 0, 1], [2, 2]), tf.tensor1d([0, 0])];
      const velocities = [tf.tensor2d([1, 1, 1, 1], [2, 2]), tf.tensor1d([1, 1])];
      const step = unrolled(endpointStep(linear, { ...recipe, weightDecay: 0.1 }, null));
      const [w, b, vw, vb, loss] = step(
        ...parameters,
        ...velocities,
        images,
        tf.tensor2d([1, 0], [1, 2]),
        tf.tensor1d([1]),
        tf.scalar(0.5),
      ) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
      const p0 = Math.exp(0.5) / (Math.exp(0.5) + Math.exp(1)); // logits are the pixels
      const g = [p0 - 1, 1 - p0];
      const expected = [0.5 * g[0]! + 0.1, 0.5 * g[1]!, g[0]!, g[1]! + 0.1].map((x) => 0.9 + x);
      expect(difference(vw, expected)).toBeLessThan(1e-6);
      expect(
        difference(
          w,
          [1, 0, 0, 1].map((x, i) => x - 0.5 * expected[i]!),
        ),
      ).toBeLessThan(1e-6);
      expect(
        difference(
          vb,
          g.map((x) => 0.9 + x),
        ),
      ).toBeLessThan(1e-6);
      expect(
        difference(
          b,
          g.map((x) => -0.5 * (0.9 + x)),
        ),
      ).toBeLessThan(1e-6);
      expect(values(loss)[0]).toBeCloseTo(-Math.log(p0), 6);
    });
  });

  test('takes the mean over real images: padding weighs nothing', () => {
    const parameters = start(1);
    tf.tidy(() => {
      const batch = batchOf(5, 16);
      const each = crossEntropies(model.apply(parameters, batch.images), batch.labels);
      const nll = values(batchNll(model, parameters, batch))[0]!;
      expect(nll).toBeCloseTo(values(tf.mean(tf.slice(each, 0, 5)))[0]!, 5);
    });
    tf.dispose(parameters);
  });
});

describe('one step of curve fitting', () => {
  // Independent of the chain rule written in the step: tfjs differentiates through the mixing.
  test('moves the bend along the gradient of the regularised loss of the mixed weights', () => {
    const points = [start(1), start(2), start(3)];
    tf.tidy(() => {
      const n = model.parameters.length;
      const batch = batchOf(16, 16);
      const c = [0.3, 0.5, 0.2];
      const objective = (...bend: tf.Tensor[]): tf.Scalar => {
        const mixed = bend.map((theta, i) =>
          tf.addN([
            tf.mul(points[0]![i]!, c[0]!),
            tf.mul(theta, c[1]!),
            tf.mul(points[2]![i]!, c[2]!),
          ]),
        );
        const penalty = tf.addN(mixed.map((w) => tf.sum(tf.square(w))));
        return tf.add(batchNll(model, mixed, batch), tf.mul(penalty, 5e-4 / 2)).asScalar();
      };
      const { value, grads } = tf.valueAndGrads(objective)(points[1]!);
      const zeros = points[1]!.map((w) => tf.zerosLike(w));
      const outputs = unrolled(curveStep(model, { points: 3, fixed: true }, recipe))(
        ...points[1]!,
        ...zeros,
        ...points[0]!,
        ...points[2]!,
        batch.images,
        batch.labels,
        batch.weights,
        tf.scalar(1),
        tf.tensor1d(c),
      );
      expect(values(outputs.at(-1)!)[0]).toBeCloseTo(values(value)[0]!, 4);
      for (let i = 0; i < n; i++) {
        const velocity = outputs[n + i]!;
        const scale = values(tf.max(tf.abs(grads[i]!)))[0]!;
        // Sums of up to 16 · 784 float32 products in two orders.
        expect(difference(velocity, grads[i]!) / scale).toBeLessThan(1e-4);
        expect(difference(outputs[i]!, tf.sub(points[1]![i]!, velocity))).toBe(0);
      }
    });
    tf.dispose(points);
  });

  test('moves free ends by their coefficients, and the bend as if they were fixed', () => {
    const points = [start(1), start(2), start(3)];
    tf.tidy(() => {
      const n = model.parameters.length;
      const { images, labels, weights } = batchOf(16, 16);
      const c = [0.3, 0.5, 0.2];
      const rest = [images, labels, weights, tf.scalar(1), tf.tensor1d(c)];
      const zeros = (count: number) =>
        Array.from({ length: count }, () => points[0]!.map((w) => tf.zerosLike(w))).flat();
      const [first, bend, last] = points as [tf.Tensor[], tf.Tensor[], tf.Tensor[]];
      const free = unrolled(curveStep(model, { points: 3, fixed: false }, recipe));
      const fixed = unrolled(curveStep(model, { points: 3, fixed: true }, recipe));
      const moved = free(...first, ...bend, ...last, ...zeros(3), ...rest);
      const alone = fixed(...bend, ...zeros(1), ...first, ...last, ...rest);
      expect(difference(moved.at(-1)!, alone.at(-1)!)).toBe(0);
      for (let i = 0; i < n; i++) {
        const velocities = c.map((_, k) => moved[3 * n + k * n + i]!);
        expect(difference(velocities[1]!, alone[n + i]!)).toBe(0);
        const scale = values(tf.max(tf.abs(velocities[1]!)))[0]!;
        c.forEach((ck, k) => {
          const expected = tf.mul(velocities[1]!, ck / c[1]!);
          expect(difference(velocities[k]!, expected) / scale).toBeLessThan(1e-6);
        });
      }
    });
    tf.dispose(points);
  });

  test('works with two bends and for the polygonal chain, and lowers the loss', async () => {
    const ends = { start: start(1), end: start(2) };
    for (const family of ['bezier', 'polychain'] as const) {
      const losses: number[] = [];
      const bends = await withDigits((data) =>
        fitBends(host, ends, [start(1), start(2)], {
          model,
          family,
          recipe: { ...recipe, epochs: 4, learningRate: 0.05 },
          data,
          seed: 1,
          onStep: (_step, _total, loss) => void losses.push(loss),
        }),
      );
      expect(losses).toHaveLength(40);
      const mean = (part: number[]) => part.reduce((a, b) => a + b) / part.length;
      expect(mean(losses.slice(-8))).toBeLessThan(0.8 * mean(losses.slice(0, 8)));
      tf.dispose(bends);
    }
    tf.dispose([...ends.start, ...ends.end]);
  });
});

describe('training', () => {
  const train = async (seed: number, adversarial = false) => {
    const parameters = await withDigits((data) =>
      trainFrom(host, start(seed), {
        model,
        recipe,
        adversarial: adversarial
          ? { epsilon: 0.1, stepSize: 0.05, steps: 2, randomStart: true, warmup: 0.5 }
          : null,
        data,
        seed,
        onStep: () => {},
      }),
    );
    const weights = toValues(model.parameters, parameters);
    return { parameters, weights };
  };

  test('gives the same bytes twice from one seed and others from another', async () => {
    for (const adversarial of [false, true]) {
      const runs = [
        await train(1, adversarial),
        await train(1, adversarial),
        await train(2, adversarial),
      ];
      expect(runs[1]!.weights).toEqual(runs[0]!.weights);
      expect(runs[2]!.weights).not.toEqual(runs[0]!.weights);
      runs.forEach(({ parameters }) => tf.dispose(parameters));
    }
  });

  test('learns, and the evaluator counts every image once, whatever the batch size', async () => {
    const { parameters } = await train(1);
    const found: Evaluation[] = [];
    for (const size of [150, 16, 7]) {
      await withDigits(async (data) => {
        const evaluator = createEvaluator(host, model, data, size);
        found.push(await evaluator.evaluate(parameters, () => {}));
        evaluator.dispose();
      });
    }
    expect(found[0]!.n).toBe(150);
    expect(found[0]!.error).toBeLessThan(50);
    for (const other of found.slice(1)) {
      expect(other.error).toBeCloseTo(found[0]!.error, 9);
      expect(other.nll / found[0]!.nll).toBeCloseTo(1, 5);
    }
    tf.dispose(parameters);
  });

  test('ends as diverged, with its step, when the loss is no longer a number', async () => {
    const training = withDigits((data) =>
      trainFrom(host, start(1), {
        model,
        recipe: { ...recipe, learningRate: 1e8 },
        adversarial: null,
        data,
        seed: 1,
        onStep: () => {},
      }),
    );
    const error: unknown = await training.then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(DivergedError);
    expect((error as DivergedError).step).toBeGreaterThan(1);
    expect((error as DivergedError).message).toMatch(/^the loss became .* at step \d+/);
  });
});
