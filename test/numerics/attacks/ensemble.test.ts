// Ensembles as models, predictions of single images, and adversarial examples that are kept to be tried elsewhere.
import * as tf from '@tensorflow/tfjs';
import { afterAll, describe, expect, test } from 'vitest';
import {
  randomMember,
  singleNetwork,
} from '../../../numerics/attacks/procedure/model-under-attack.js';
import { makeResident, type ResidentData } from '../../../numerics/data/resident.js';
import { createEvaluator } from '../../../numerics/evaluation/evaluate.js';
import { createPredictor, disagreement } from '../../../numerics/evaluation/predict.js';
import { createEnsemble } from '../../../numerics/models/ensemble.js';
import type { Model } from '../../../numerics/models/model.js';
import { modelFor } from '../../../numerics/models/registry.js';
import { toTensors } from '../../../numerics/models/parameters.js';
import { stream } from '../../../numerics/random.js';
import { imageGradient } from '../../../numerics/losses/training-loss.js';
import { difference, expectNoLeaks, host, linearModel, syntheticDigits } from '../engine.js';
import { pgdRunner } from './runners.js';

expectNoLeaks();
const pause = () => undefined;
const keeping = { batchSize: 16, keepImages: true };
const settings = { epsilon: 0.1, stepSize: 0.03, steps: 4, randomStart: true, seed: 5 };

/** Three networks that were drawn apart, and images. */
async function withNetworks(
  use: (model: Model, weights: tf.Tensor[][], data: ResidentData) => Promise<void>,
): Promise<void> {
  const images = syntheticDigits(30);
  const model = modelFor('mlp', images.shape, 10);
  const weights = [1, 2, 3].map((seed) =>
    toTensors(model.parameters, model.initial(stream(seed, 'init', 0))),
  );
  const data = makeResident(images, 10);
  await use(model, weights, data).finally(() => {
    tf.dispose(weights);
    data.dispose();
  });
}

describe('an ensemble', () => {
  const model = linearModel(4, 3);
  const members = [
    [0.5, -1, 2, 1, 0, 0, -2, 1, 1, 0.25, 3, -1],
    [1, 1, 0, -1, 2, 0.5, 0, 0, 1, 2, -2, 0],
  ].map((w, k) => [tf.tensor(w, [4, 3]), tf.tensor([k, 0, -k])]);
  const images = tf.tensor([0.1, 0.9, 0.4, 0, 1, 0.2, 0.3, 0.7], [2, 2, 2, 1]);

  test('has as its softmax the mean of the softmax outputs of its members', () => {
    tf.tidy(() => {
      const logits = createEnsemble(model, 2, 'mean').apply(members.flat(), images);
      const mean = tf.div(tf.addN(members.map((w) => tf.softmax(model.apply(w, images)))), 2);
      expect(difference(tf.softmax(logits), mean)).toBeLessThan(1e-6);
      expect(difference(tf.exp(logits), mean)).toBeLessThan(1e-6);
    });
  });

  test('as published, sums the logits over one less than there are members', () => {
    tf.tidy(() => {
      const three = [...members, members[0]!];
      const logits = createEnsemble(model, 3, 'published').apply(three.flat(), images);
      const sum = tf.addN(three.map((w) => model.apply(w, images)));
      expect(difference(logits, tf.div(sum, 2))).toBeLessThan(1e-6);
    });
  });

  test('has the gradient of -log of the mean probability: Σ_k q_k g_k, q_k the share of member k', () => {
    tf.tidy(() => {
      const labels = tf.tensor([1, 0, 0, 0, 0, 1], [2, 3]);
      const whole = imageGradient(createEnsemble(model, 2, 'mean'), members.flat(), labels)(images);
      const right = members.map((w) =>
        tf.sum(tf.mul(tf.softmax(model.apply(w, images)), labels), 1),
      );
      const total = tf.addN(right);
      const parts = members.map((w, k) => {
        const share = tf.reshape(tf.div(right[k]!, total), [2, 1, 1, 1]);
        return tf.mul(share, imageGradient(model, w, labels)(images));
      });
      expect(difference(whole, tf.addN(parts))).toBeLessThan(1e-6);
    });
  });

  test('of one network several times is that network, for evaluation and for attacks', async () => {
    await withNetworks(async (one, [weights], data) => {
      const triple = createEnsemble(one, 3, 'mean');
      const all = [...weights!, ...weights!, ...weights!];
      const [a, b] = [one, triple].map((m) =>
        pgdRunner(singleNetwork(m), settings, data, { batchSize: 16 }),
      );
      const [alone, together] = [await a!.attack(weights!, pause), await b!.attack(all, pause)];
      expect(together.robustError).toBe(alone.robustError);
      expect(together.robustNll).toBeCloseTo(alone.robustNll, 4);
      expect(together.cleanNll).toBeCloseTo(alone.cleanNll, 4);
      a!.dispose();
      b!.dispose();
    });
  });
  afterAll(() => tf.dispose([images, ...members.flat()]));
});

describe('a member drawn at random', () => {
  test('of linear members whose gradients agree in sign loses what the closed form says', async () => {
    const model = linearModel(4, 2);
    // Rows are pixels; of the first column less the second, both members have the signs + - + -.
    const columns = [
      [1, -1, 0.5, 2, 3, 0.2, -0.7, 0.7],
      [0.25, 0, -1, 1, 0.5, 0, 0, 2],
    ];
    const biases = [
      [3, 0],
      [-2, 0],
    ];
    const members = columns.map((w, k) => [tf.tensor(w, [4, 2]), tf.tensor(biases[k]!)]);
    const pixels = Uint8Array.from([100, 128, 90, 150]); // further than epsilon from 0 and 1
    const image = { count: 1, shape: [2, 2, 1] as const, pixels, labels: Uint8Array.of(0) };
    const data = makeResident(image, 2);
    // So many steps lead from any start to the corner of the ball.
    const far = { ...settings, steps: 8 };
    const attacker = pgdRunner(randomMember(model, 2), far, data, { batchSize: 1 });
    const found = await attacker.attack(members.flat(), pause);
    const worst = columns.map((w, k) => {
      const slope = [0, 1, 2, 3].map((i) => w[2 * i]! - w[2 * i + 1]!);
      const margin = biases[k]![0]! + slope.reduce((sum, d, i) => sum + (d * pixels[i]!) / 255, 0);
      return margin - settings.epsilon * slope.reduce((sum, d) => sum + Math.abs(d), 0);
    });
    const nll = worst.reduce((sum, margin) => sum + Math.log1p(Math.exp(-margin)) / 2, 0);
    expect(found.robustNll).toBeCloseTo(nll, 5);
    expect(found.robustError).toBe(worst.filter((margin) => margin < 0).length * 50);
    expect(found.robustError).toBe(50);
    attacker.dispose();
    data.dispose();
    tf.dispose(members);
  });

  test('is attacked as that network, where there is one; of three, no member is attacked better by all', async () => {
    await withNetworks(async (model, weights, data) => {
      const [one, alone] = [randomMember(model, 1), singleNetwork(model)].map((attacked) =>
        pgdRunner(attacked, settings, data, { batchSize: 16 }),
      );
      const all = pgdRunner(randomMember(model, 3), settings, data, keeping);
      const expected = await alone!.attack(weights[0]!, pause);
      expect(await one!.attack(weights[0]!, pause)).toEqual(expected);
      const found = await all.attack(weights.flat(), pause);
      const predictor = createPredictor(host, model, data, 16);
      let [nll, error] = [0, 0];
      for (const member of weights) {
        const own = await predictor.predict(member, pause, found.adversarial!);
        nll += own.nll / 3;
        error += own.error / 3;
        expect(own.nll).toBeLessThan((await alone!.attack(member, pause)).robustNll);
      }
      expect(found.robustNll).toBeCloseTo(nll, 5);
      expect(found.robustError).toBeCloseTo(error, 5);
      expect(found.robustNll).toBeGreaterThan(found.cleanNll);
      [one!, alone!, all, predictor].forEach((part) => part.dispose());
    });
  });
});

describe('per-image predictions', () => {
  test('are those of the evaluation, image by image, also on images that are handed over', async () => {
    await withNetworks(async (model, [weights], data) => {
      const evaluator = createEvaluator(host, model, data, 16);
      const predictor = createPredictor(host, model, data, 16);
      const expected = await evaluator.evaluate(weights!, pause);
      const own = await predictor.predict(weights!, pause);
      const pixels = Float32Array.from(syntheticDigits(30).pixels, (v) =>
        Math.fround(v * Math.fround(1 / 255)),
      );
      const handed = await predictor.predict(weights!, pause, pixels);
      expect(own.error).toBe(expected.error);
      expect(own.nll).toBeCloseTo(expected.nll, 5);
      expect(handed.predicted).toEqual(own.predicted);
      expect(handed.nll).toBeCloseTo(own.nll, 5);
      const wrong = own.predicted.filter((label, i) => label !== i % 10).length;
      expect((100 * wrong) / 30).toBeCloseTo(own.error, 10);
      evaluator.dispose();
      predictor.dispose();
    });
  });

  test('of three networks disagree by the mean over pairs', () => {
    // Pairs differ on 1, 2 and 1 of 4 images.
    const found = disagreement([
      [1, 2, 3, 4],
      [1, 2, 3, 0],
      [1, 2, 5, 0],
    ]);
    expect(found).toBeCloseTo((100 * (1 + 2 + 1)) / 12, 12);
    expect(
      disagreement([
        [1, 2],
        [1, 2],
      ]),
    ).toBe(0);
  });
});

describe('attacked images that are kept', () => {
  test('give the attack its own scores when they are predicted again, and stay in the ball', async () => {
    await withNetworks(async (model, [weights, other], data) => {
      const predictor = createPredictor(host, model, data, 16);
      for (const restarts of [1, 3]) {
        const full = { ...settings, restarts };
        const plain = pgdRunner(singleNetwork(model), full, data, { batchSize: 16 });
        const kept = pgdRunner(singleNetwork(model), full, data, keeping);
        const expected = await plain.attack(weights!, pause);
        const { adversarial, ...scores } = await kept.attack(weights!, pause);
        expect(scores.robustError).toBe(expected.robustError);
        expect(scores.robustNll).toBe(expected.robustNll);
        expect(expected.adversarial).toBeNull();
        const again = await predictor.predict(weights!, pause, adversarial!);
        expect(again.error).toBe(expected.robustError);
        expect(again.nll).toBeCloseTo(expected.robustNll, 5);
        const { pixels } = syntheticDigits(30);
        const change = adversarial!.map((value, i) => Math.abs(value - pixels[i]! / 255));
        expect(Math.max(...change)).toBeLessThan(0.1 + 1e-6);
        expect(Math.max(...change)).toBeGreaterThan(0.05);
        // Of another network they are somebody else's images: no stronger than its own attack.
        const own = await plain.attack(other!, pause);
        expect((await predictor.predict(other!, pause, adversarial!)).nll).toBeLessThan(
          own.robustNll,
        );
        plain.dispose();
        kept.dispose();
      }
      predictor.dispose();
    });
  });
});
