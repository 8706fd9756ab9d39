// Every attack on networks small enough to know the answer: closed forms, brute force, and what holds for all.
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { AttackNorm } from '../../../experiment/attacks/attack-fields.js';
import type { AttackMethod } from '../../../experiment/attacks/index.js';
import { singleNetwork } from '../../../numerics/attacks/procedure/model-under-attack.js';
import type { AttackOutcome } from '../../../numerics/attacks/runner/attack-outcome.js';
import type { AttackProgress } from '../../../numerics/attacks/runner/progress.js';
import type { LabelledImages } from '../../../experiment/records/labelled-images.js';
import { makeResident } from '../../../numerics/data/resident.js';
import { crossEntropies } from '../../../numerics/losses/cross-entropy.js';
import type { Model } from '../../../numerics/models/model.js';
import { modelFor } from '../../../numerics/models/registry.js';
import { toTensors, type ParameterValues } from '../../../numerics/models/parameters.js';
import { normals, stream } from '../../../numerics/random.js';
import { expectNoLeaks, linearModel, syntheticDigits, values } from '../engine.js';
import { runnerFor } from './runners.js';

expectNoLeaks();

interface Subject {
  readonly model: Model;
  readonly parameters: ParameterValues;
  readonly images: LabelledImages;
  readonly classes: number;
}

async function attack(
  { model, parameters, images, classes }: Subject,
  method: AttackMethod,
  seed = 1,
  within: { from?: AttackProgress; onPass?: (progress: AttackProgress) => void } = {},
): Promise<AttackOutcome & { readonly pauses: number; readonly calls: number }> {
  const data = makeResident(images, classes);
  const weights = toTensors(model.parameters, parameters);
  const runner = runnerFor(singleNetwork(model), { ...method, seed }, data, { batchSize: 16 });
  let pauses = 0;
  try {
    const pause = () => void pauses++;
    const outcome = await runner.attack(weights, pause, within.from, within.onPass);
    return { ...outcome, pauses, calls: runner.calls };
  } finally {
    runner.dispose();
    data.dispose();
    tf.dispose(weights);
  }
}

const noChecks = { queries: 0 };

describe('a linear model of two classes', () => {
  const weight = [1, -1, 0.5, 2, -3, 0.2, 0.7, 0.6];
  const pixels = Uint8Array.from([100, 128, 90, 150]); // further than epsilon from 0 and 1
  const linear: Subject = {
    model: linearModel(4, 2),
    parameters: new Map([
      ['weight', Float32Array.from(weight)],
      ['bias', Float32Array.of(1.5, 0)],
    ]),
    images: { count: 1, shape: [2, 2, 1], pixels, labels: Uint8Array.of(0) },
    classes: 2,
  };
  const difference = [0, 1, 2, 3].map((i) => weight[2 * i]! - weight[2 * i + 1]!);
  const margin = 1.5 + difference.reduce((sum, d, i) => sum + (d * pixels[i]!) / 255, 0);
  const dual: Readonly<Record<AttackNorm, number>> = {
    linf: difference.reduce((sum, d) => sum + Math.abs(d), 0),
    l2: Math.hypot(...difference),
    l1: Math.max(...difference.map(Math.abs)),
  };
  const epsilon = 0.1;

  // The worst image of the ball loses epsilon times the dual norm of the margin: CE = log(1 + exp(-margin)).
  test.each(['linf', 'l2', 'l1'] as const)(
    'has its worst case under %s found by PGD',
    async (norm) => {
      const worst = Math.log1p(Math.exp(epsilon * dual[norm] - margin));
      const pgd = { norm, epsilon, stepSize: 0.025, steps: 40, randomStart: true };
      for (const how of [{}, { momentum: 0.9 }, { target: { class: 1 } }] as const) {
        const { robustNll } = await attack(linear, { ...pgd, ...how });
        expect(Math.abs(robustNll - worst)).toBeLessThan(1e-5);
      }
    },
  );

  test.each(['linf', 'l2', 'l1'] as const)('has it under %s found by APGD', async (norm) => {
    const worst = Math.log1p(Math.exp(epsilon * dual[norm] - margin));
    const { robustNll } = await attack(linear, {
      ...{ method: 'apgd', norm, epsilon, steps: 40, loss: 'ce', restarts: 1, checks: noChecks },
    });
    expect(Math.abs(robustNll - worst)).toBeLessThan(1e-5);
  });

  test.each(['linf', 'l2', 'l1'] as const)(
    'is fooled by FAB beyond its distance to the boundary under %s',
    async (norm) => {
      const distance = margin / dual[norm];
      for (const [factor, error] of [
        [1.01, 100],
        [0.99, 0],
      ] as const) {
        const { robustError } = await attack(linear, {
          ...{ method: 'fab', norm, epsilon: factor * distance, steps: 40 },
          ...{ targets: 1, restarts: 1, checks: noChecks },
        });
        expect(robustError).toBe(error);
      }
    },
  );
});

describe('a network of three pixels and four classes', () => {
  const count = 16;
  const generator = stream(4, 'init', 0);
  const draw = (n: number, scale: number) => normals(generator, n).map((v) => scale * v);
  const apply: Model['apply'] = ([w, v], x) =>
    tf.matMul(
      tf.relu(tf.matMul(tf.sub(tf.reshape(x, [-1, 3]), 0.5), w as tf.Tensor2D)),
      v as tf.Tensor2D,
    );
  const model: Model = {
    ...linearModel(3, 4),
    parameters: [
      { name: 'w', shape: [3, 12] },
      { name: 'v', shape: [12, 4] },
    ],
    apply,
  };
  const parameters = new Map([
    ['w', Float32Array.from(draw(36, 3))],
    ['v', Float32Array.from(draw(48, 1))],
  ]);
  const pixels = Uint8Array.from(draw(3 * count, 60), (v) => Math.min(Math.max(v + 128, 0), 255));
  const labels = tf.tidy(() => {
    const x = tf.div(tf.tensor([...pixels], [count, 3]), 255);
    return Uint8Array.from(values(tf.argMax(apply(toTensors(model.parameters, parameters), x), 1)));
  });
  const tiny: Subject = {
    ...{ model, parameters, classes: 4 },
    images: { count, shape: [1, 3, 1], pixels, labels },
  };

  const lengths: Readonly<Record<AttackNorm, (d: readonly number[]) => number>> = {
    linf: (d) => Math.max(...d.map(Math.abs)),
    l2: (d) => Math.hypot(...d),
    l1: (d) => d.reduce((sum, v) => sum + Math.abs(v), 0),
  };

  /** Over a grid of the ball: the largest cross-entropy of each image, and whether another class wins somewhere. */
  function bruteForce(norm: AttackNorm, epsilon: number) {
    const ticks = Array.from({ length: 41 }, (_, i) => (epsilon * (i - 20)) / 20);
    const offsets = ticks
      .flatMap((a) => ticks.flatMap((b) => ticks.map((c) => [a, b, c])))
      .filter((d) => lengths[norm](d) <= epsilon * (1 + 1e-9));
    return tf.tidy(() => {
      const weights = toTensors(model.parameters, parameters);
      const grid = tf.tensor2d(offsets);
      return Array.from({ length: count }, (_, i) => {
        const centre = tf.tensor1d([...pixels.subarray(3 * i, 3 * i + 3)].map((p) => p / 255));
        const logits = apply(weights, tf.clipByValue(tf.add(grid, centre), 0, 1));
        const label = tf.oneHot(tf.fill<tf.Rank.R1>([offsets.length], labels[i]!, 'int32'), 4);
        const nll = values(tf.max(crossEntropies(logits, label.toFloat())))[0]!;
        const classes = values(tf.argMax(logits, 1));
        return { nll, wrong: classes.some((one) => one !== labels[i]) };
      });
    });
  }

  test.each([
    ['linf', 0.06],
    ['l2', 0.08],
    ['l1', 0.1],
  ] as const)(
    'is attacked under %s as well as trying a grid of the ball does',
    async (norm, epsilon) => {
      const best = bruteForce(norm, epsilon);
      const nll = best.reduce((sum, one) => sum + one.nll, 0) / count;
      const error = (100 * best.filter(({ wrong }) => wrong).length) / count;
      expect(error).toBeGreaterThan(10);
      expect(error).toBeLessThan(90);
      const found = await attack(tiny, {
        ...{ method: 'apgd', norm, epsilon, steps: 50, loss: 'ce', restarts: 5, checks: noChecks },
      });
      // The grid misses the very corners, the attack may miss nothing.
      expect(found.robustNll).toBeGreaterThanOrEqual(nll - 1e-3);
      expect(found.robustNll).toBeLessThanOrEqual(nll + 0.05);
      const reaching = { norm, epsilon, steps: 50, targets: 3 };
      const decided = await attack(
        tiny,
        norm === 'linf'
          ? { method: 'autoattack', ...reaching, queries: 200 }
          : { method: 'fab', ...reaching, restarts: 3, checks: noChecks },
      );
      expect(decided.cleanError).toBe(0);
      expect(decided.robustError).toBeGreaterThanOrEqual(error);
      expect(decided.robustError).toBeLessThanOrEqual(error + 100 / count);
    },
    60_000,
  );
});

describe('on cnn-small', () => {
  const model = modelFor('cnn-small', [28, 28, 1], 10);
  const digits: Subject = {
    ...{ model, parameters: model.initial(stream(2, 'init', 0)), classes: 10 },
    images: syntheticDigits(24),
  };
  const ball = { norm: 'linf', epsilon: 0.01 } as const;
  const round = { norm: 'l2', epsilon: 0.15 } as const;
  const sparse = { norm: 'l1', epsilon: 1 } as const;
  const ascent = { steps: 4, randomStart: true };
  const checks = { queries: 5 };
  const methods: readonly [string, AttackMethod][] = [
    ['plain PGD', { ...ball, ...ascent, stepSize: 0.005, restarts: 3 }],
    ['PGD with checks', { ...ball, ...ascent, stepSize: 0.005, checks }],
    [
      'PGD on a margin',
      { ...round, ...ascent, stepSize: 0.1, momentum: 0.75, loss: 'cw', confidence: 1 },
    ],
    [
      'PGD under l1',
      { norm: 'l1', epsilon: 3, ...ascent, stepSize: 1, pixels: 5, target: { rank: 2 } },
    ],
    ['APGD', { method: 'apgd', ...ball, steps: 5, loss: 'ce', restarts: 2, checks }],
    [
      'APGD towards classes',
      { method: 'apgd', ...round, steps: 5, loss: 'dlr', targets: 2, restarts: 1, checks },
    ],
    ['FAB', { method: 'fab', ...round, steps: 4, targets: 2, restarts: 2, checks: noChecks }],
    ['Square', { method: 'square', ...ball, queries: 10, restarts: 2 }],
    ['Square under l2', { method: 'square', ...round, queries: 10, restarts: 2 }],
    ['APGD under l1', { method: 'apgd', ...sparse, steps: 9, loss: 'ce', restarts: 2, checks }],
    [
      'APGD towards classes under l1',
      { method: 'apgd', ...sparse, steps: 5, loss: 'dlr', targets: 2, restarts: 1, checks },
    ],
    [
      'FAB under l1',
      { method: 'fab', ...sparse, steps: 4, targets: 2, restarts: 2, checks: noChecks },
    ],
    ['Square under l1', { method: 'square', ...sparse, queries: 10, restarts: 2 }],
    ['AutoAttack under l1', { method: 'autoattack', ...sparse, steps: 4, targets: 2, queries: 5 }],
    ['AutoAttack', { method: 'autoattack', ...ball, steps: 4, targets: 2, queries: 5 }],
  ];

  test.each(methods)(
    '%s gives the same again, also from each of its passes on',
    async (_name, method) => {
      const halves: AttackProgress[] = [];
      const whole = await attack(digits, method, 1, {
        onPass: (now) => halves.push(structuredClone(now)),
      });
      expect(whole.pauses).toBeLessThanOrEqual(whole.calls);
      const plain = _name === 'plain PGD';
      expect(whole.checks).toEqual(
        plain ? null : expect.objectContaining({ zeroGradient: 0, random: 0 }),
      );
      const scored = ({ pauses: _, ...scores }: typeof whole) => scores;
      for (const half of [undefined, ...halves]) {
        const again = await attack(digits, method, 1, half ? { from: half } : {});
        expect(scored(again)).toEqual(scored(whole));
      }
      const other = await attack(digits, method, 2);
      if (method.method !== 'fab') expect(other.robustNll).not.toBe(whole.robustNll);
    },
    60_000,
  );

  test('what has no gradient is said to have none', async () => {
    const dead = new Map(digits.parameters);
    for (const [name, value] of dead)
      dead.set(
        name,
        value.map(() => 0),
      );
    const { checks: found } = await attack(
      { ...digits, parameters: dead },
      {
        ...{ ...ball, ...ascent, stepSize: 0.005, checks: noChecks },
      },
    );
    expect(found).toEqual({ zeroGradient: 1, random: 0, fell: 0, blackBoxGain: null });
  });

  test('a step that is much too long lets the loss fall, and that shows', async () => {
    const far = { norm: 'linf', epsilon: 0.5, stepSize: 0.5, steps: 9, randomStart: true } as const;
    const { checks: found } = await attack(digits, { ...far, checks: noChecks });
    expect(found!.fell).toBeGreaterThan(0);
  });
});
