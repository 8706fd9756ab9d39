// Catastrophic overfitting: told from robustness by accuracies, and found on a network that resists single steps alone.
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { makeResident } from '../../../numerics/data/resident.js';
import type { Model } from '../../../numerics/models/model.js';
import {
  CatastrophicOverfittingError,
  createOverfittingCheck,
  isCheckDue,
  isOverfitted,
} from '../../../numerics/training/overfitting-check.js';
import { expectNoLeaks, host } from '../engine.js';

expectNoLeaks();

const epsilon = 0.1;

/**
 * Two classes of one pixel x, margin of the right one `margin(x - 1/2)`; images are 1/2. A weight that is added to nothing.
 */
function onePixel(margin: (u: tf.Tensor) => tf.Tensor): Model {
  return {
    name: 'mlp',
    parameters: [{ name: 'weight', shape: [1] }],
    initial: () => new Map(),
    apply([weight], images) {
      const u = tf.sub(tf.reshape(images, [-1, 1]), 127.5 / 255);
      const m = tf.add(margin(u), tf.mul(weight!, 0));
      return tf.concat([m, tf.zerosLike(m)], 1);
    },
  };
}

async function accuracies(model: Model) {
  const pixels = new Uint8Array(200).fill(127);
  for (let i = 0; i < 200; i += 2) pixels[i] = 128;
  const labels = new Uint8Array(200);
  const data = makeResident({ count: 200, shape: [1, 1, 1], pixels, labels }, 2);
  const adversarial = { epsilon, stepSize: 1.25 * epsilon };
  const check = createOverfittingCheck(host, model, adversarial, data, { seed: 1, batchSize: 100 });
  const weight = tf.tensor1d([1]);
  try {
    return await check.measure([weight], () => undefined);
  } finally {
    weight.dispose();
    check.dispose();
    data.dispose();
  }
}

describe('a check', () => {
  test('finds a network that is wrong only between single steps and the image', async () => {
    // Right near the image and near the edge of the ball, wrong in between: a step of 1.25 ε leaps over it.
    const found = await accuracies(
      onePixel((u) => {
        const away = tf.div(tf.abs(u), epsilon);
        return tf.sub(tf.square(tf.sub(away, 0.6)), 0.07);
      }),
    );
    expect(found.n).toBe(200);
    expect(found.fgsm).toBeGreaterThan(50);
    expect(found.pgd).toBeLessThan(15);
    expect(isOverfitted(found)).toBe(true);
  });

  test('passes a network that resists both, and one that resists neither', async () => {
    const robust = await accuracies(onePixel((u) => tf.sub(2 * epsilon, tf.abs(u))));
    expect([robust.fgsm, robust.pgd]).toEqual([100, 100]);
    const fragile = await accuracies(onePixel((u) => tf.sub(0.5 * epsilon, tf.abs(u))));
    expect([fragile.fgsm, fragile.pgd]).toEqual([0, 0]);
    expect(isOverfitted(robust) || isOverfitted(fragile)).toBe(false);
  });
});

test('PGD must leave less than half, by more than 10 points', () => {
  const judged = (fgsm: number, pgd: number) => isOverfitted({ fgsm, pgd, n: 250 });
  expect([judged(80, 2), judged(45, 38), judged(18, 9), judged(60, 31), judged(60, 29)]).toEqual([
    ...[true, false, false, false, true],
  ]);
});

describe('checks of a training of 100 steps', () => {
  const due = (calls: readonly number[], warmup: number) =>
    calls.filter((step, i) => isCheckDue(i === 0 ? 0 : calls[i - 1]!, step, 100, warmup));

  test('come every twentieth, however many steps a call takes, and at the end', () => {
    const singly = Array.from({ length: 100 }, (_, i) => i + 1);
    expect(due(singly, 0)).toEqual(Array.from({ length: 20 }, (_, i) => 5 * (i + 1)));
    expect(due([16, 32, 33, 34, 35, 51, 100], 0)).toEqual([16, 32, 35, 51, 100]);
  });

  test('wait for epsilon to be whole', () => {
    expect(due([5, 10, 24, 25, 30], 0.25)).toEqual([25, 30]);
  });
});

test('the message says what was measured and what to do', () => {
  expect(new CatastrophicOverfittingError(40, { fgsm: 81.24, pgd: 0.4, n: 250 }).message).toBe(
    'catastrophic overfitting at step 40: 81.2 % accuracy under one step and 0.4 % under PGD on 250 held-out images; lower adversarial.stepSize, or use method: pgd',
  );
});
