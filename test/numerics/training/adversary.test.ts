// Training against an attacker: TRADES on endpoints and attacks at the same t on curves, against compositions of their parts.
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { AdversarialSpec, TrainingRecipe } from '../../../experiment/specs/training.js';
import { ascend } from '../../../numerics/attacks/pgd/gradient-ascent.js';
import { linf } from '../../../numerics/attacks/norms/linf.js';
import { capture } from '../../../numerics/graph/capture.js';
import { compileGraph } from '../../../numerics/graph/compile.js';
import { advance, unrolled } from '../../../numerics/graph/loop.js';
import { modelFor } from '../../../numerics/models/registry.js';
import { toTensors } from '../../../numerics/models/parameters.js';
import { stream } from '../../../numerics/random.js';
import { initialStatistics } from '../../../numerics/evaluation/batch-norm-statistics.js';
import { adversaryInputs, attackerOn, type Predict } from '../../../numerics/training/adversary.js';
import { curveStep } from '../../../numerics/training/curve-step.js';
import { divergences } from '../../../numerics/losses/kl-divergence.js';
import { endpointStep } from '../../../numerics/training/endpoint-step.js';
import {
  batchNll,
  imageGradient,
  lossAndGradients,
  type BatchTensors,
} from '../../../numerics/losses/training-loss.js';
import {
  difference,
  expectNoLeaks,
  host,
  linearModel,
  syntheticDigits,
  values,
} from '../engine.js';

expectNoLeaks();

const model = modelFor('cnn-small', [28, 28, 1], 10);
const n = model.parameters.length;
const recipe: TrainingRecipe = {
  ...{ epochs: 1, batchSize: 16, learningRate: 0.1, momentum: 0, weightDecay: 1e-3 },
};
const pgd: AdversarialSpec = {
  ...{ epsilon: 0.1, stepSize: 0.04, steps: 3, randomStart: true, warmup: 0 },
};
const trades: AdversarialSpec = { ...pgd, trades: { beta: 6 } };
const start = (seed: number) => toTensors(model.parameters, model.initial(stream(seed, 'init', 0)));
const strength = () => [tf.scalar(0.1), tf.scalar(0.04), tf.tensor1d([3, 4], 'int32')];

/** The images that the whole inner attack makes of a batch. */
function attacked(
  predict: Predict,
  batch: BatchTensors,
  adversarial: AdversarialSpec,
  fed: readonly tf.Tensor[],
) {
  const attacker = attackerOn(predict, batch, adversarial, fed);
  return attacker.finish(advance(attacker, attacker.begin(), adversarial.steps));
}

/** Gradients with those of ½ · weightDecay · ||w||². */
function decayed(gradients: readonly tf.Tensor[], w: readonly tf.Tensor[]): tf.Tensor[] {
  return gradients.map((g, i) => tf.add(g, tf.mul(w[i]!, recipe.weightDecay)));
}

function batchOf(count: number) {
  const { pixels, labels } = syntheticDigits(count);
  return {
    images: tf.tensor4d(
      Float32Array.from(pixels, (p) => p / 255),
      [count, 28, 28, 1],
    ),
    labels: tf.oneHot(tf.tensor1d(labels, 'int32'), 10).toFloat(),
    weights: tf.tensor1d(new Float32Array(count).fill(1, 0, count - 2)),
  };
}

describe('the divergence', () => {
  test('is Σ p (log p - log q), zero for equal logits, and has its gradients in closed form', () => {
    tf.tidy(() => {
      const [a, b] = [tf.tensor2d([[1, 2, -1]]), tf.tensor2d([[0, 0.5, 3]])];
      const [p, q] = [a, b].map((z) => values(tf.softmax(z)));
      const expected = p!.reduce((sum, pc, c) => sum + pc * Math.log(pc / q![c]!), 0);
      expect(values(divergences(a, b))[0]).toBeCloseTo(expected, 5);
      expect(values(divergences(a, a))[0]).toBe(0);
      const [ofFrom, ofTo] = tf.grads((x, y) => tf.sum(divergences(x, y)))([a, b]);
      expect(
        difference(
          ofTo!,
          q!.map((qc, c) => qc - p![c]!),
        ),
      ).toBeLessThan(1e-6);
      const closed = p!.map((pc, c) => pc * (Math.log(pc / q![c]!) - expected));
      expect(difference(ofFrom!, closed)).toBeLessThan(1e-5);
    });
  });
});

describe('the inner attack of TRADES', () => {
  test('stays in the ball, begins beside the image and makes the predictions differ', () => {
    const w = start(1);
    tf.tidy(() => {
      const batch = batchOf(16);
      const predict = (x: tf.Tensor) => model.apply(w, x);
      const divergence = (x: tf.Tensor) =>
        values(tf.sum(divergences(predict(batch.images), predict(x))))[0]!;
      const { batch: same, against } = attacked(predict, batch, trades, strength());
      expect(same).toEqual(batch);
      expect(against).toMatchObject({ kind: 'divergence', weight: 6 });
      expect(difference(against!.images, batch.images)).toBeLessThanOrEqual(0.1 + 2e-7);
      expect(values(tf.min(against!.images))[0]).toBeGreaterThanOrEqual(0);
      expect(values(tf.max(against!.images))[0]).toBeLessThanOrEqual(1);
      const beside = attacked(predict, batch, { ...trades, steps: 1 }, [
        ...[tf.scalar(0.1), tf.scalar(0), tf.tensor1d([3, 4], 'int32')],
      ]).against!.images;
      const moved = difference(beside, batch.images);
      expect(moved).toBeGreaterThan(1e-3); // about 12,000 draws of N(0, 0.001²)
      expect(moved).toBeLessThan(6e-3);
      expect(divergence(against!.images)).toBeGreaterThan(10 * divergence(beside));
    });
    tf.dispose(w);
  });

  test('of a linear model with two classes moves every pixel against its weights', () => {
    tf.tidy(() => {
      // Logits 0 and w x: the divergence grows with |w (x' - x)|, so that all pixels go one way.
      const linear = linearModel(3, 2);
      const w = [tf.tensor2d([0, 2, 0, -1, 0, 3], [3, 2]), tf.tensor1d([0, 0])];
      const batch = {
        images: tf.tensor4d([0.5, 0.5, 0.5], [1, 1, 3, 1]),
        ...{ labels: tf.tensor2d([[1, 0]]), weights: tf.tensor1d([1]) },
      };
      const { against } = attacked((x) => linear.apply(w, x), batch, trades, strength());
      const moves = values(tf.sub(against!.images, batch.images));
      const direction = Math.sign(moves[0]!);
      expect(
        difference(
          moves,
          [0.1, -0.1, 0.1].map((d) => direction * d),
        ),
      ).toBeLessThan(1e-6);
    });
  });
});

describe('the objective of TRADES', () => {
  test('has the gradient that central differences along random directions find', () => {
    const w = start(1);
    tf.tidy(() => {
      const batch = batchOf(16);
      const { against } = attacked((x) => model.apply(w, x), batch, trades, strength());
      const found = lossAndGradients(model, w, batch, { against });
      const mean = (each: tf.Tensor) =>
        values(tf.div(tf.sum(tf.mul(each, batch.weights)), tf.sum(batch.weights)))[0]!;
      const value = (at: tf.Tensor[]) =>
        values(batchNll(model, at, batch))[0]! +
        6 * mean(divergences(model.apply(at, batch.images), model.apply(at, against!.images)));
      expect(values(found.nll)[0]).toBeCloseTo(value(w), 4);
      for (const seed of [1, 2, 3]) {
        const direction = w.map((x, i) => tf.randomNormal(x.shape, 0, 1, 'float32', seed + 7 * i));
        const norm = Math.sqrt(direction.reduce((s, d) => s + values(tf.sum(tf.square(d)))[0]!, 0));
        const along = found.gradients.reduce(
          (sum, g, i) => sum + values(tf.sum(tf.mul(g, direction[i]!)))[0]! / norm,
          0,
        );
        const h = 1e-2;
        const shifted = (sign: number) =>
          value(w.map((x, i) => tf.add(x, tf.mul(direction[i]!, (sign * h) / norm))));
        const difference = (shifted(1) - shifted(-1)) / (2 * h);
        // float32 losses of about 3 rounded at 1e-7, divided by 2e-2; kinks of ReLU on the way.
        expect(Math.abs(along - difference)).toBeLessThan(0.01 * Math.max(0.2, Math.abs(along)));
      }
    });
    tf.dispose(w);
  });

  test('is what one step of an endpoint descends, captured as it is eagerly', () => {
    const w = start(1);
    tf.tidy(() => {
      const batch = batchOf(16);
      const velocities = w.map((x) => tf.zerosLike(x));
      const inputs = [
        ...[...w, ...velocities, batch.images, batch.labels, batch.weights, tf.scalar(0.1)],
        ...strength(),
      ];
      const step = unrolled(endpointStep(model, recipe, trades));
      const eager = step(...inputs);
      const compiled = compileGraph(host, capture(step, inputs));
      const captured = compiled(...inputs);
      compiled.dispose();
      eager.forEach((output, i) => expect(difference(output, captured[i]!)).toBeLessThan(1e-5));
      const { against } = attacked((x) => model.apply(w, x), batch, trades, strength());
      const parts = lossAndGradients(model, w, batch, { against });
      decayed(parts.gradients, w).forEach((g, i) =>
        expect(difference(eager[i]!, tf.sub(w[i]!, tf.mul(g, 0.1)))).toBeLessThan(1e-6),
      );
    });
    tf.dispose(w);
  });

  test('moves the running statistics by both passes, one after the other', () => {
    const bn = modelFor('preresnet26', [32, 32, 3], 10);
    const w = toTensors(bn.parameters, bn.initial(stream(1, 'init', 0)));
    const running = initialStatistics(bn);
    tf.tidy(() => {
      const images = tf.randomUniform([4, 32, 32, 3], 0, 1, 'float32', 1);
      const labels = tf.oneHot(tf.tensor1d([0, 1, 2, 3], 'int32'), 10).toFloat();
      const batch = { images, labels, weights: tf.ones([4]) };
      const step = unrolled(endpointStep(bn, recipe, { ...trades, steps: 1 }));
      const zeros = w.map((x) => tf.zerosLike(x));
      const outputs = step(
        ...[...w, ...zeros, ...running, images, labels, batch.weights, tf.scalar(0)],
        ...strength(),
      );
      const predict = (x: tf.Tensor) => bn.apply([...w, ...running], x);
      const { against } = attacked(predict, batch, { ...trades, steps: 1 }, strength());
      const { statistics } = lossAndGradients(bn, w, batch, { against });
      const s = bn.statistics!.length;
      expect(statistics).toHaveLength(2 * s);
      bn.statistics!.forEach(({ momentum: m }, i) => {
        const once = tf.add(tf.mul(running[i]!, 1 - m), tf.mul(statistics[i]!, m));
        const twice = tf.add(tf.mul(once, 1 - m), tf.mul(statistics[s + i]!, m));
        expect(difference(outputs[2 * w.length + i]!, twice)).toBeLessThan(1e-4);
      });
    });
    tf.dispose([...w, ...running]);
  });
});

describe('one step of a robust connection', () => {
  const c = [0.3, 0.5, 0.2];

  test('attacks the network at the drawn t, and moves the bend by the gradient on those images', () => {
    const points = [start(1), start(2), start(3)];
    tf.tidy(() => {
      const batch = batchOf(16);
      const mixed = model.parameters.map((_, i) =>
        tf.addN(points.map((point, k) => tf.mul(point[i]!, c[k]!))),
      );
      const [epsilon, stepSize, startSeed] = strength() as [tf.Tensor, tf.Tensor, tf.Tensor];
      const images = ascend(imageGradient(model, mixed, batch.labels), batch.images, linf, {
        ...{ epsilon, stepSize, startSeed, steps: 3 },
      });
      const worse = { ...batch, images };
      const zeros = points[1]!.map((w) => tf.zerosLike(w));
      const inputs = [
        ...[...points[1]!, ...zeros, ...points[0]!, ...points[2]!],
        ...[batch.images, batch.labels, batch.weights, tf.scalar(1), tf.tensor1d(c)],
        ...strength(),
      ];
      const step = unrolled(
        curveStep(model, { points: 3, fixed: true }, recipe, { adversarial: pgd }),
      );
      const outputs = step(...inputs);
      const { nll, gradients } = lossAndGradients(model, mixed, worse);
      expect(values(nll)[0]).toBeGreaterThan(values(batchNll(model, mixed, batch))[0]!);
      decayed(gradients, mixed).forEach((g, i) => {
        const scale = Math.max(1e-6, values(tf.max(tf.abs(g)))[0]!);
        expect(difference(outputs[n + i]!, tf.mul(g, c[1]!)) / scale).toBeLessThan(1e-4);
      });
      const compiled = compileGraph(host, capture(step, inputs));
      const captured = compiled(...inputs);
      compiled.dispose();
      outputs.forEach((output, i) => expect(difference(output, captured[i]!)).toBeLessThan(1e-4));
    });
    tf.dispose(points);
  });

  test('grows to its strength over the warm-up', () => {
    const strengths = [0, 5, 10, 40].map((step) =>
      adversaryInputs({ ...pgd, warmup: 0.25 }, 1, step, 40)
        .slice(0, 2)
        .map(({ values: fed }) => fed[0]!),
    );
    [0, 0.5, 1, 1].forEach((factor, i) => {
      expect(strengths[i]![0]).toBeCloseTo(0.1 * factor, 12);
      expect(strengths[i]![1]).toBeCloseTo(0.04 * factor, 12);
    });
  });
});

describe('the trade-off', () => {
  const tradeOff: AdversarialSpec = { ...pgd, tradeOff: { clean: 1, adversarial: 8 } };

  test('is the weighted sum of both cross-entropies and of their gradients, on the images that PGD finds', () => {
    const w = start(1);
    tf.tidy(() => {
      const batch = batchOf(16);
      const predict: Predict = (x) => model.apply(w, x);
      const { batch: same, against } = attacked(predict, batch, tradeOff, strength());
      expect(same).toBe(batch);
      const worse = attacked(predict, batch, pgd, strength()).batch;
      expect(difference(against!.images, worse.images)).toBe(0);
      const both = lossAndGradients(model, w, batch, { against });
      const [clean, robust] = [batch, worse].map((one) => lossAndGradients(model, w, one));
      const sum = (a: tf.Tensor, b: tf.Tensor) => tf.add(a, tf.mul(b, 8));
      expect(difference(both.nll, sum(clean!.nll, robust!.nll))).toBeLessThan(1e-4);
      both.gradients.forEach((g, i) => {
        const expected = sum(clean!.gradients[i]!, robust!.gradients[i]!);
        expect(difference(g, expected)).toBeLessThan(1e-4);
      });
      // The weights exchanged are another loss.
      const swapped = { ...against!, clean: 8, adversarial: 1 } as typeof against;
      const other = lossAndGradients(model, w, batch, { against: swapped });
      expect(difference(other.nll, both.nll)).toBeGreaterThan(1e-2);
    });
    tf.dispose(w);
  });
});
