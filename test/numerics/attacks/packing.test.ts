// Rows of attacks: an image's outcome does not depend on what else is in its batch, images leave, passes share batches.
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test, vi } from 'vitest';
import type { AttackMethod } from '../../../experiment/attacks/index.js';
import { leavingSteps } from '../../../numerics/attacks/runner/compile-stepwise.js';
import { groupLength, passRows } from '../../../numerics/attacks/runner/pass-groups.js';
import { buildAttack } from '../../../numerics/attacks/methods/build-attack.js';
import { wholePass } from '../../../numerics/attacks/procedure/attack.js';
import { singleNetwork } from '../../../numerics/attacks/procedure/model-under-attack.js';
import { makeResident } from '../../../numerics/data/resident.js';
import { imageDraws } from '../../../numerics/graph/draws.js';
import { modelFor } from '../../../numerics/models/registry.js';
import { toTensors } from '../../../numerics/models/parameters.js';
import { stream } from '../../../numerics/random.js';
import { expectNoLeaks, syntheticDigits, values } from '../engine.js';
import { runnerFor } from './runners.js';

expectNoLeaks();
vi.setConfig({ testTimeout: 120_000 });

describe('draws of each image', () => {
  const seeds = (rows: number[][]) => tf.tensor2d(rows, [rows.length, 2], 'int32');
  const rows = [
    [1, 2],
    [2, 2],
    [-1_640_531_527, 7],
    [1, 3000],
  ];

  test('are decided by its seed, wherever it is', () => {
    tf.tidy(() => {
      const draw = (order: number[]) => {
        const draws = imageDraws(seeds(order.map((i) => rows[i]!)));
        return [draws.uniform([order.length, 3, 5], 1), draws.normal([order.length, 3, 5], 2)];
      };
      const [there, back] = [draw([0, 1, 2, 3]), draw([3, 2, 1, 0, 0, 1])];
      there.forEach((all, k) => {
        [3, 2, 1, 0, 0, 1].forEach((row, i) => {
          expect(values(back[k]!.slice([i], [1]))).toEqual(values(all.slice([row], [1])));
        });
      });
    });
  });

  test('have the moments of their distributions, and no correlation between images, entries and draws', () => {
    tf.tidy(() => {
      const n = 40_000;
      const draws = imageDraws(seeds(rows));
      const uniform = [0, 1].map((k) => tf.sub(draws.uniform([4, n], k), 0.5));
      const normal = draws.normal([4, n], 2);
      const moments = (x: tf.Tensor) => [1, 2, 4].map((p) => values(tf.mean(tf.pow(x, p)))[0]!);
      const close = (found: number[], expected: number[]) =>
        found.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(0.02));
      uniform.forEach((x) => close(moments(x), [0, 1 / 12, 1 / 80]));
      close(moments(normal).slice(0, 2), [0, 1]);
      expect(Math.abs(moments(normal)[2]! - 3)).toBeLessThan(0.1);
      const extremes = values(tf.stack([uniform[0]!.min(), uniform[0]!.max()]));
      expect(extremes[0]).toBeGreaterThanOrEqual(-0.5);
      expect(extremes[1]).toBeLessThan(0.5);
      // Rows of both draws, the same moved on by one entry, and normal numbers: 16 in all.
      const moved = tf.concat([uniform[0]!.slice([0, 1], [-1, -1]), tf.zeros([4, 1])], 1);
      const all = tf.concat([uniform[0]!, uniform[1]!, moved, normal], 0);
      const unit = tf.div(all, tf.sqrt(tf.sum(tf.square(all), 1, true)));
      const gram = tf.sub(tf.matMul(unit, unit, false, true), tf.eye(16));
      expect(values(tf.max(tf.abs(gram)))[0]).toBeLessThan(5 / Math.sqrt(n));
    });
  });
});

describe('passes in groups', () => {
  const pass = { ...wholePass, procedure: 'a', over: 'not-yet-misclassified' } as const;
  const nine = Array.from({ length: 9 }, (_, i) => ({ ...pass, rank: i + 1 }));

  test('are as many as fill batches best, and of one procedure', () => {
    expect(groupLength(nine, 0, 125, 125)).toBe(1);
    expect(groupLength(nine, 0, 306, 125)).toBe(2);
    expect(groupLength(nine, 3, 20, 125)).toBe(6);
    expect(groupLength(nine, 0, 5, 125)).toBe(9);
    expect(groupLength(nine, 4, 0, 125)).toBe(5);
    expect(groupLength(nine, 0, 10_000, 125)).toBe(1);
    expect(groupLength([...nine.slice(0, 2), { ...pass, procedure: 'b' }], 0, 5, 125)).toBe(2);
    expect(groupLength([pass, { ...pass, check: true }], 0, 5, 125)).toBe(1);
    const all = Array.from({ length: 3 }, () => ({ ...pass, over: 'all' }) as const);
    expect(groupLength(all, 0, 5, 125)).toBe(1);
  });

  test('go over the images not yet misclassified, with a seed for each image and pass', () => {
    const method = { method: 'fab', norm: 'l2', epsilon: 1, steps: 2, targets: 3 } as const;
    const attack = buildAttack({ ...method, restarts: 1, checks: { queries: 0 } }, [2, 2, 1], 1);
    const rows = passRows(attack, 1, 2, { wrong: Float32Array.of(0, 1, 0.5) });
    expect(rows.map(({ image, pass: index, rank }) => [image, index, rank])).toEqual([
      [0, 1, 2],
      [2, 1, 2],
      [0, 2, 3],
      [2, 2, 3],
    ]);
    expect(new Set(rows.map(({ seed }) => seed.join())).size).toBe(4);
  });
});

test('images may leave after doubling numbers of steps and at the end', () => {
  expect(leavingSteps(20)).toEqual([2, 4, 8, 16, 20]);
  expect(leavingSteps(2)).toEqual([2]);
  expect(leavingSteps(0)).toEqual([0]);
});

describe('attacks on cnn-small', () => {
  const model = modelFor('cnn-small', [28, 28, 1], 10);
  const ball = { norm: 'linf', epsilon: 0.01 } as const;
  const ascent = { steps: 6, stepSize: 0.003, randomStart: true };

  async function attack(method: AttackMethod, batchSize: number) {
    const data = makeResident(syntheticDigits(24), 10);
    const weights = toTensors(model.parameters, model.initial(stream(2, 'init', 0)));
    const runner = runnerFor(singleNetwork(model), { ...method, seed: 1 }, data, {
      ...{ batchSize, keepImages: true },
    });
    let calls = 0;
    const outcome = await runner.attack(weights, () => void calls++);
    runner.dispose();
    data.dispose();
    tf.dispose(weights);
    return { ...outcome, calls };
  }

  test.each<readonly [string, AttackMethod]>([
    ['plain PGD', { ...ball, ...ascent, restarts: 2 }],
    ['PGD that stops', { ...ball, ...ascent, restarts: 5, stopAtSuccess: true }],
    [
      'APGD',
      { method: 'apgd', ...ball, steps: 6, loss: 'ce', restarts: 2, checks: { queries: 9 } },
    ],
    [
      'APGD under l2',
      {
        ...{ method: 'apgd', norm: 'l2', epsilon: 0.15, steps: 6, loss: 'dlr' },
        ...{ targets: 4, restarts: 1, checks: { queries: 0 } },
      },
    ],
    [
      'FAB under l2',
      {
        method: 'fab',
        norm: 'l2',
        epsilon: 0.15,
        steps: 5,
        targets: 3,
        restarts: 2,
        checks: { queries: 0 },
      },
    ],
    ['Square', { method: 'square', ...ball, queries: 20, restarts: 2 }],
    ['Square under l1', { method: 'square', norm: 'l1', epsilon: 1, queries: 10, restarts: 2 }],
    [
      'AutoAttack',
      { method: 'autoattack', ...ball, epsilon: 0.004, steps: 6, targets: 3, queries: 20 },
    ],
  ])('%s finds the same in batches of any size', async (_name, method) => {
    const whole = await attack(method, 24);
    const { images, adversarial, checks } = whole;
    expect(new Set(images.wrong).size).toBe(2); // some fooled, some not
    for (const size of [7, 2]) {
      const parts = await attack(method, size);
      for (const field of ['wrong', 'predicted', 'pass'] as const) {
        expect(parts.images[field]).toEqual(images[field]);
      }
      expect(parts.checks).toEqual(checks);
      parts.images.nll.forEach((nll, i) => expect(nll).toBeCloseTo(images.nll[i]!, 4));
      parts.adversarial!.forEach((pixel, i) => {
        if (Math.abs(pixel - adversarial![i]!) > 1e-4) throw new Error(`pixel ${i} differs`);
      });
    }
  });

  test('restarts that stop at success fool the images that all restarts fool, in fewer calls', async () => {
    const method = { ...ball, ...ascent, restarts: 5 };
    const all = await attack({ ...method, checks: { queries: 0 } }, 6);
    const some = await attack({ ...method, stopAtSuccess: true }, 6);
    expect(all.robustError).toBeGreaterThan(all.cleanError);
    expect(some.images.wrong).toEqual(all.images.wrong);
    expect(some.calls).toBeLessThan(0.8 * all.calls);
  });

  test('images that are misclassified leave at once', async () => {
    const method = { method: 'square', norm: 'linf', queries: 400, restarts: 1 } as const;
    const [easy, hard] = [
      await attack({ ...method, epsilon: 0.2 }, 6),
      await attack({ ...method, epsilon: 1e-5 }, 6),
    ];
    expect(easy.robustError).toBe(100);
    expect(easy.calls).toBeLessThan(0.15 * hard.calls);
  });
});
