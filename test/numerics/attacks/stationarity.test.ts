// FOSC against its definition: the most that a linear function can gain inside the ball, found another way.
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { l1 } from '../../../numerics/attacks/norms/l1.js';
import { l2 } from '../../../numerics/attacks/norms/l2.js';
import { linf } from '../../../numerics/attacks/norms/linf.js';
import type { Norm } from '../../../numerics/attacks/norms/norm.js';
import { singleNetwork } from '../../../numerics/attacks/procedure/model-under-attack.js';
import { makeResident } from '../../../numerics/data/resident.js';
import { toTensors } from '../../../numerics/models/parameters.js';
import { modelFor } from '../../../numerics/models/registry.js';
import { stream } from '../../../numerics/random.js';
import { expectNoLeaks, syntheticDigits, values } from '../engine.js';
import { dot, sum } from './linear-cases.js';
import { pgdRunner } from './runners.js';

expectNoLeaks();

const pixels = 4;
const epsilon = 0.25;
const vector = (least: number, most: number) =>
  fc.array(fc.integer({ min: least * 64, max: most * 64 }), {
    minLength: pixels,
    maxLength: pixels,
  });
const scaled = (numbers: readonly number[]) => numbers.map((v) => v / 64);

interface Place {
  readonly gradient: number[];
  readonly centre: number[];
  readonly x: number[];
}

/** A gradient, a centre with pixels at the bounds, and a point of the ball around it that is an image. */
const places = fc
  .record({ gradient: vector(-2, 2), centre: vector(0, 1), towards: vector(-1, 1) })
  .map(({ gradient, centre, towards }): Place => {
    const c = scaled(centre);
    const size = sum(towards.map(Math.abs)) || 1;
    const x = c.map((v, i) => Math.min(1, Math.max(0, v + (epsilon * towards[i]!) / size)));
    return { gradient: scaled(gradient), centre: c, x };
  });

const gapOf = (norm: Norm, { gradient, x, centre }: Place): number =>
  tf.tidy(() => {
    const image = (v: number[]) => tf.tensor4d(v, [1, pixels, 1, 1]);
    return values(norm.gap(image(gradient), image(x), image(centre), epsilon))[0]!;
  });

const gain = ({ gradient, x }: Place, z: readonly number[]) =>
  dot(
    gradient,
    z.map((v, i) => v - x[i]!),
  );

/** All corners of the l-infinity ball cut with [0,1]. */
function corners({ centre }: Place): number[][] {
  return Array.from({ length: 2 ** pixels }, (_, bits) =>
    centre.map((c, i) => ((bits >> i) & 1 ? Math.min(c + epsilon, 1) : Math.max(c - epsilon, 0))),
  );
}

/** The vertices of the l1 ball. */
function vertices({ centre }: Place): number[][] {
  return [-epsilon, epsilon].flatMap((step) =>
    centre.map((_c, i) => centre.map((c, j) => (i === j ? c + step : c))),
  );
}

/** The point of the sphere in the direction of the gradient. */
function farthest({ gradient, centre }: Place): number[] {
  const length = Math.hypot(...gradient) || 1;
  return centre.map((c, i) => c + (epsilon * gradient[i]!) / length);
}

describe('the gap of a linear function', () => {
  test.each<[string, Norm, (place: Place) => number[][]]>([
    ['linf: the best corner of ball and pixel range', linf, corners],
    ['l1: the best vertex of the ball', l1(), vertices],
    ['l2: the point of the sphere along the gradient', l2, (place) => [farthest(place)]],
  ])('under %s', (_name, norm, candidates) => {
    fc.assert(
      fc.property(places, (place) => {
        const best = Math.max(...candidates(place).map((z) => gain(place, z)));
        expect(Math.abs(gapOf(norm, place) - Math.max(best, 0))).toBeLessThan(1e-5);
      }),
      { numRuns: 60 },
    );
  });

  test('bounds what a concave function can still gain', () => {
    fc.assert(
      fc.property(places, vector(0, 1), (place, target) => {
        // f(z) = −½ Σ (z − p)²: largest where each pixel is as near to p as ball and range let it.
        const p = scaled(target);
        const f = (z: readonly number[]) => -0.5 * sum(z.map((v, i) => (v - p[i]!) ** 2));
        const best = place.centre.map((c, i) => {
          const [low, high] = [Math.max(c - epsilon, 0), Math.min(c + epsilon, 1)];
          return Math.min(Math.max(p[i]!, low), high);
        });
        const gradient = place.x.map((v, i) => p[i]! - v);
        expect(gapOf(linf, { ...place, gradient })).toBeGreaterThan(f(best) - f(place.x) - 1e-6);
      }),
    );
  });
});

describe('the stationarity of adversarial examples', () => {
  const model = modelFor('cnn-small', [28, 28, 1], 10);

  const attack = async (settings: { steps: number; randomStart?: boolean }) => {
    const data = makeResident(syntheticDigits(24), 10);
    const weights = toTensors(model.parameters, model.initial(stream(2, 'init', 0)));
    const pgd = { epsilon: 0.1, stepSize: 0.02, randomStart: false, seed: 1, ...settings };
    const runner = pgdRunner(singleNetwork(model), pgd, data, { batchSize: 16 });
    try {
      return (await runner.attack(weights, () => undefined)).images;
    } finally {
      runner.dispose();
      data.dispose();
      tf.dispose(weights);
    }
  };

  test('falls with the steps, and is at most that of the images themselves', async () => {
    const [one, many] = [await attack({ steps: 1 }), await attack({ steps: 40 })];
    const mean = (numbers: Float32Array) => sum([...numbers]) / numbers.length;
    expect(Math.min(...one.fosc, ...many.fosc)).toBeGreaterThanOrEqual(0);
    expect(mean(one.relativeFosc)).toBeLessThan(1);
    expect(mean(many.relativeFosc)).toBeLessThan(0.5 * mean(one.relativeFosc));
  });
});
