// Ascents recorded at every step: against the attack itself, and against a linear model whose maximum is known.
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  createAscents,
  type AscentsSettings,
} from '../../../numerics/attacks/convergence/measure-ascents.js';
import { stepsToStationary } from '../../../numerics/attacks/convergence/steps-to-stationary.js';
import { l2 } from '../../../numerics/attacks/norms/l2.js';
import { linf } from '../../../numerics/attacks/norms/linf.js';
import { singleNetwork } from '../../../numerics/attacks/procedure/model-under-attack.js';
import { makeResident } from '../../../numerics/data/resident.js';
import { relativeSpread, shareAtBest } from '../../../numerics/inner-maximisation/agreement.js';
import type { Model } from '../../../numerics/models/model.js';
import { toTensors } from '../../../numerics/models/parameters.js';
import { modelFor } from '../../../numerics/models/registry.js';
import { stream } from '../../../numerics/random.js';
import { expectNoLeaks, host, linearModel, syntheticDigits } from '../engine.js';
import { dot, sum } from './linear-cases.js';
import { pgdRunner } from './runners.js';

expectNoLeaks();

const ball = { epsilon: 0.1, stepSize: 0.02 };
const now = () => undefined;

async function ascentsOn(
  model: Model,
  weights: tf.Tensor[],
  data: ReturnType<typeof makeResident>,
  settings: Omit<AscentsSettings, 'seed'>,
) {
  const ascents = createAscents(host, model, { ...settings, seed: 3 }, data, 16);
  try {
    return await ascents.measure(weights, now);
  } finally {
    ascents.dispose();
  }
}

describe('recorded ascents', () => {
  const model = modelFor('cnn-small', [28, 28, 1], 10);

  test('are those of the attack, after every number of steps, and their start that of its restart', async () => {
    const data = makeResident(syntheticDigits(24), 10);
    const weights = toTensors(model.parameters, model.initial(stream(2, 'init', 0)));
    const settings = { norm: linf, ...ball, steps: 9, starts: 2 };
    const found = await ascentsOn(model, weights, data, settings);
    for (const steps of [1, 4, 9]) {
      const pgd = { ...ball, steps, randomStart: true, seed: 3 };
      const runner = pgdRunner(singleNetwork(model), pgd, data, { batchSize: 16 });
      const { images } = await runner.attack(weights, now);
      runner.dispose();
      found.forEach(([first], i) => {
        expect(first!.nll[steps]).toBeCloseTo(images.nll[i]!, 5);
        expect(first!.wrong[steps]).toBe(images.wrong[i]);
        expect(first!.relativeFosc[steps]).toBeCloseTo(images.relativeFosc[i]!, 4);
      });
    }
    const longest = found.flat().map(({ perturbation }) => Math.max(...perturbation.map(Math.abs)));
    expect(Math.max(...longest)).toBeLessThanOrEqual(0.1 + 1e-6);
    expect(found.every(([a, b]) => a!.nll[0] !== b!.nll[0])).toBe(true);
    data.dispose();
    tf.dispose(weights);
  });

  test('end at the one maximum of a linear model, whatever the start', async () => {
    // Two classes whose logits differ by wᵀx: the loss grows with −wᵀδ, largest at −ε sign(w) and −ε w/‖w‖.
    const w = [3, -2, 0.5, 1];
    const pixels = Uint8Array.from({ length: 12 * 4 }, (_, i) => 100 + (i % 50));
    const data = makeResident(
      { pixels, labels: new Uint8Array(12), count: 12, shape: [2, 2, 1], classes: 2 } as never,
      2,
    );
    const weights = [
      tf.tensor2d(
        w.flatMap((v) => [v, 0]),
        [4, 2],
      ),
      tf.zeros([2]),
    ];
    const margins = [
      [linf, ball.epsilon * sum(w.map(Math.abs))],
      [l2, ball.epsilon * Math.hypot(...w)],
    ] as const;
    for (const [norm, gain] of margins) {
      const settings = { norm, ...ball, steps: 30, starts: 4 };
      const found = await ascentsOn(linearModel(4, 2), weights, data, settings);
      found.forEach((starts, image) => {
        const x = [...pixels.slice(4 * image, 4 * image + 4)].map((value) => value / 255);
        const best = Math.log1p(Math.exp(gain - dot(w, x)));
        const last = starts.map(({ nll }) => nll[30]!);
        last.forEach((value) => expect(value).toBeCloseTo(best, 4));
        expect(relativeSpread(last)).toBeLessThan(1e-4);
        const perturbations = starts.map(({ perturbation }) => perturbation);
        expect(shareAtBest(last, perturbations)).toBe(1);
        for (const { relativeFosc } of starts) {
          expect(relativeFosc[30]).toBeLessThan(0.01);
          expect(relativeFosc[0]).toBeGreaterThan(0.01);
          // A corner is reached when every pixel has gone from its start to the bound, 2ε at the most.
          expect(stepsToStationary(relativeFosc, 0.01)).toBeLessThanOrEqual(
            norm === linf ? 11 : 30,
          );
        }
      });
    }
    data.dispose();
    tf.dispose(weights);
  });
});

describe('what ascents say together', () => {
  test('the steps to a stationary point are counted from the start, and infinite without one', () => {
    expect(stepsToStationary([0.5, 0.02, 0.01, 0.3], 0.01)).toBe(2);
    expect(stepsToStationary([0.005, 1], 0.01)).toBe(0);
    expect(stepsToStationary([0.5, 0.02], 0.01)).toBe(Infinity);
  });

  test('the spread is relative to the mean', () => {
    expect(relativeSpread([1, 3])).toBeCloseTo(0.5, 12);
    expect(relativeSpread([10, 30])).toBeCloseTo(0.5, 12);
    expect(relativeSpread([0, 0])).toBe(0);
  });

  test('starts share a maximum where their perturbations point the same way, not where their losses are equal', () => {
    const at = (...values: number[]) => Float32Array.from(values);
    const perturbations = [at(1, 0), at(2, 0.01), at(0, 1), at(-1, 0)];
    expect(shareAtBest([4, 3, 4, 4], perturbations)).toBe(0.5);
    expect(shareAtBest([4, 3, 5, 4], perturbations)).toBe(0.25);
    expect(shareAtBest([1, 1], [at(0, 0), at(0, 0)])).toBe(1);
    expect(shareAtBest([1, 1], [at(0, 0), at(1, 0)])).toBe(0.5);
  });
});
