import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { AttackOutcome } from '../../../numerics/attacks/runner/attack-outcome.js';
import { ascend } from '../../../numerics/attacks/pgd/gradient-ascent.js';
import { makeResident } from '../../../numerics/data/resident.js';
import { linf } from '../../../numerics/attacks/norms/linf.js';
import { modelFor } from '../../../numerics/models/registry.js';
import { toTensors } from '../../../numerics/models/parameters.js';
import { stream } from '../../../numerics/random.js';
import { worse } from '../../../numerics/attacks/runner/worst-case.js';
import { singleNetwork } from '../../../numerics/attacks/procedure/model-under-attack.js';
import { imageGradient } from '../../../numerics/losses/training-loss.js';
import { expectNoLeaks, linearModel, syntheticDigits, values } from '../engine.js';
import { pgdRunner } from './runners.js';

expectNoLeaks();

const pgd = { epsilon: 0.1, stepSize: 0.025, steps: 10, randomStart: true, seed: 1 };
const noPause = () => {};

describe('PGD on a linear model of two classes', () => {
  // CE = log(1 + exp(-margin)), and the worst image of the ball loses epsilon · ||w_0 - w_1||_1 of margin.
  test('reaches the worst case of the ball in closed form', async () => {
    const model = linearModel(4, 2);
    const weight = [1, -1, 0.5, 2, -3, 0.2, 0.7, 0.7];
    const parameters = toTensors(
      model.parameters,
      new Map([
        ['weight', Float32Array.from(weight)],
        ['bias', Float32Array.from([0.3, 0])],
      ]),
    );
    const pixels = Uint8Array.from([100, 128, 90, 150]); // further than epsilon from 0 and 1
    const image = { count: 1, shape: [2, 2, 1] as const, pixels, labels: Uint8Array.of(0) };
    const data = makeResident(image, 2);
    const attacker = pgdRunner(singleNetwork(model), pgd, data, { batchSize: 1 });
    const outcome = await attacker.attack(parameters, noPause);
    const difference = [0, 1, 2, 3].map((i) => weight[2 * i]! - weight[2 * i + 1]!);
    const margin = 0.3 + difference.reduce((sum, d, i) => sum + (d * pixels[i]!) / 255, 0);
    const worst = margin - 0.1 * difference.reduce((sum, d) => sum + Math.abs(d), 0);
    expect(outcome.cleanNll).toBeCloseTo(Math.log1p(Math.exp(-margin)), 5);
    expect(outcome.robustNll).toBeCloseTo(Math.log1p(Math.exp(-worst)), 5);
    expect(outcome.n).toBe(1);
    expect([outcome.images.fosc[0], outcome.images.relativeFosc[0]]).toEqual([0, 0]);
    tf.dispose(parameters);
    attacker.dispose();
    data.dispose();
  });
});

describe('PGD on cnn-small', () => {
  const model = modelFor('cnn-small', [28, 28, 1], 10);
  const digits = syntheticDigits(9);
  const untrained = () => toTensors(model.parameters, model.initial(stream(2, 'init', 0)));

  test('stays in the ball and in [0,1], also from a random start at images of pixels 0 and 1', () => {
    const parameters = untrained();
    tf.tidy(() => {
      const images = tf.round(tf.randomUniform([4, 28, 28, 1], 0, 1, 'float32', 7));
      const labels = tf.oneHot(tf.tensor1d([0, 1, 2, 3], 'int32'), 10).toFloat();
      const attacked = ascend(imageGradient(model, parameters, labels), images, linf, {
        epsilon: tf.scalar(0.1),
        stepSize: tf.scalar(0.3),
        steps: 3,
        startSeed: tf.tensor1d([1, 2], 'int32'),
      });
      const changes = values(tf.abs(tf.sub(attacked, images)));
      expect(Math.max(...changes)).toBeLessThanOrEqual(0.1 + 2e-7);
      const pixels = values(attacked);
      expect(Math.min(...pixels)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...pixels)).toBeLessThanOrEqual(1);
    });
    tf.dispose(parameters);
  });

  test('raises the loss above clean, more steps raise it further, FGSM is its first step', async () => {
    const parameters = untrained();
    const data = makeResident(digits, 10);
    const losses: number[] = [];
    for (const steps of [1, 4, 20]) {
      const settings = { ...pgd, steps, randomStart: false, stepSize: steps === 1 ? 0.1 : 0.025 };
      const attacker = pgdRunner(singleNetwork(model), settings, data, { batchSize: 4 });
      const outcome = await attacker.attack(parameters, noPause);
      expect(outcome.robustNll).toBeGreaterThan(outcome.cleanNll);
      losses.push(outcome.robustNll);
      attacker.dispose();
    }
    expect(losses[2]).toBeGreaterThan(losses[1]!);
    data.dispose();
    tf.dispose(parameters);
  });

  test('gives the same numbers again, and others for another seed', async () => {
    const parameters = untrained();
    const data = makeResident(digits, 10);
    const outcomes = [];
    for (const seed of [1, 1, 2]) {
      const attacker = pgdRunner(singleNetwork(model), { ...pgd, steps: 2, seed }, data, {
        batchSize: 4,
      });
      outcomes.push(await attacker.attack(parameters, noPause));
      attacker.dispose();
    }
    data.dispose();
    expect(outcomes[1]).toEqual(outcomes[0]);
    expect(outcomes[2]!.robustNll).not.toBe(outcomes[0]!.robustNll);
    tf.dispose(parameters);
  });

  test('keeps the worst of its restarts, image by image, and the first start is that of no restarts', async () => {
    const parameters = untrained();
    const data = makeResident(digits, 10);
    const outcomes: AttackOutcome[] = [];
    for (const restarts of [undefined, 1, 2, 5]) {
      const weak = { ...pgd, epsilon: 0.03, stepSize: 0.01, steps: 1 };
      const settings = restarts === undefined ? weak : { ...weak, restarts };
      const attacker = pgdRunner(singleNetwork(model), settings, data, { batchSize: 4 });
      let pauses = 0;
      outcomes.push(await attacker.attack(parameters, () => void pauses++));
      expect(pauses).toBe(attacker.calls);
      expect(pauses).toBe(3 * (restarts ?? 1));
      attacker.dispose();
    }
    const [none, one, ...more] = outcomes as [AttackOutcome, AttackOutcome, ...AttackOutcome[]];
    expect(one).toEqual(none);
    let before = one.images;
    for (const { images, cleanNll, robustNll, robustError } of more) {
      images.nll.forEach((nll, i) => {
        const [was, is] = [before.wrong[i]!, images.wrong[i]!];
        expect(is).toBeGreaterThanOrEqual(was);
        if (is === was) expect(nll).toBeGreaterThanOrEqual(before.nll[i]!);
      });
      expect([...images.nll].some((nll, i) => nll > before.nll[i]!)).toBe(true);
      expect(cleanNll).toBe(one.cleanNll);
      const sum = (all: Float32Array) => all.reduce((total, value) => total + value, 0);
      expect(robustNll).toBeCloseTo(sum(images.nll) / 9, 5);
      expect(robustError).toBeCloseTo((100 * sum(images.wrong)) / 9, 5);
      before = images;
    }
    data.dispose();
    tf.dispose(parameters);
  });

  test('refuses restarts that all start at the image itself', () => {
    const data = makeResident(digits, 10);
    const settings = { ...pgd, randomStart: false, restarts: 2 };
    expect(() => pgdRunner(singleNetwork(model), settings, data, { batchSize: 4 })).toThrow(
      'restarts need a random start',
    );
    data.dispose();
  });
});

describe('the worse of two outcomes', () => {
  test('is the misclassified one, then the one of higher loss, then the newer if that is no number', () => {
    tf.tidy(() => {
      const before = {
        nll: tf.tensor1d([2, 0.7, 1, 3, 1, 1]),
        wrong: tf.tensor1d([0, 1, 0, 1, 1, 0]),
        image: tf.tensor2d([0, 1, 2, 3, 4, 5], [6, 1]),
      };
      const found = {
        nll: tf.tensor1d([0.8, 2, 1.5, 2, NaN, 1]),
        wrong: tf.tensor1d([1, 0, 0, 1, 1, 0]),
        image: tf.tensor2d([10, 11, 12, 13, 14, 15], [6, 1]),
      };
      const { nll, wrong, image } = worse(before, found);
      expect(values(wrong)).toEqual([1, 1, 0, 1, 1, 0]);
      expect(values(image)).toEqual([10, 1, 12, 3, 14, 5]);
      expect(values(nll)).toEqual([...Float32Array.of(0.8, 0.7, 1.5, 3, NaN, 1)]);
    });
  });
});
