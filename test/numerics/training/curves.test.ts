import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CurveFamily } from '../../../experiment/config/curve.js';
import { bernstein } from '../../../numerics/curves/bezier.js';
import { coefficients, curvePoint, distance, linearBends } from '../../../numerics/curves/curve.js';
import { hats } from '../../../numerics/curves/polygonal-chain.js';
import { uniform } from '../../../numerics/random.js';

const families = ['bezier', 'polychain'] as const satisfies readonly CurveFamily[];
const specs = [{ name: 'w', shape: [3] }];
const point = (...values: number[]) => new Map([['w', Float32Array.from(values)]]);
const unitInterval = fc.double({ min: 0, max: 1, noNaN: true });

describe('coefficients', () => {
  test('quadratic Bernstein polynomials are (1-t)^2, 2t(1-t), t^2', () => {
    for (const t of [0, 0.25, 0.5, 0.9, 1]) {
      const expected = [(1 - t) ** 2, 2 * t * (1 - t), t ** 2];
      bernstein(3, t).forEach((c, k) => expect(c).toBeCloseTo(expected[k]!, 15));
    }
  });

  test('hat functions are 1 at their own node and 0 at every other', () => {
    for (let k = 0; k < 5; k++) {
      const expected = [0, 1, 2, 3, 4].map((j) => (j === k ? 1 : 0));
      expect(hats(5, k / 4)).toEqual(expected);
    }
    expect(hats(3, 0.25)).toEqual([0.5, 0.5, 0]);
  });

  test('are non-negative, add up to 1 and are unit vectors at both ends', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...families),
        fc.integer({ min: 2, max: 12 }),
        unitInterval,
        (family, n, t) => {
          const c = coefficients(family, n, t);
          expect(c.every((value) => value >= 0)).toBe(true);
          expect(c.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
          expect(coefficients(family, n, 0)).toEqual(c.map((_, k) => (k === 0 ? 1 : 0)));
          expect(coefficients(family, n, 1)).toEqual(c.map((_, k) => (k === n - 1 ? 1 : 0)));
        },
      ),
    );
  });

  test('two control points are the straight line in both families', () => {
    for (const t of [0, 0.3, 1]) {
      expect(coefficients('bezier', 2, t)).toEqual([1 - t, t]);
      coefficients('polychain', 2, t).forEach((c, k) => expect(c).toBeCloseTo([1 - t, t][k]!, 15));
    }
  });

  test('refuse a t outside [0,1]', () => {
    for (const t of [-0.1, 1.1, NaN])
      expect(() => coefficients('bezier', 3, t)).toThrow(RangeError);
  });
});

describe('a curve in weight space', () => {
  test('equals its endpoints at t = 0 and t = 1, bit for bit', () => {
    const points = [point(0.1, -2, 1e-7), point(9, 9, 9), point(3, 0.7, -1e7)];
    for (const family of families) {
      expect(curvePoint(specs, family, points, 0)).toEqual(points[0]);
      expect(curvePoint(specs, family, points, 1)).toEqual(points[2]);
    }
  });

  test('with a linear start is the straight line at uniform speed, for any number of bends', () => {
    const [start, end] = [point(0, 1, -4), point(6, -1, 4)];
    for (const bends of [1, 2, 5]) {
      const points = [start, ...linearBends(specs, start, end, bends), end];
      for (const family of families) {
        for (const t of [0.1, 0.5, 0.8]) {
          const expected = Float32Array.from([6 * t, 1 - 2 * t, -4 + 8 * t]);
          const found = curvePoint(specs, family, points, t).get('w')!;
          // float32 control points: a few units in the last place of values up to 6.
          found.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
        }
      }
    }
    expect(distance(specs, start, end)).toBeCloseTo(Math.sqrt(36 + 4 + 64), 12);
  });

  // min over θ of E_t ||(1-t)^2 w0 + 2t(1-t) θ + t^2 w1 - w*||^2 has θ = 2.5 w* - 0.75 (w0 + w1),
  // since E b = 1/3, E b^2 = 2/15, E ab = E bc = 1/10 for the Bernstein polynomials a, b, c.
  test('of a quadratic loss is fitted to the bend that is best in closed form', () => {
    const [w0, w1, target] = [-1, 3, 2];
    let theta = (w0 + w1) / 2;
    let sum = 0;
    const steps = 40_000;
    for (let i = 0; i < steps; i++) {
      const [a, b, c] = coefficients('bezier', 3, uniform(1, 'curve-t', i)) as [
        number,
        number,
        number,
      ];
      theta -= 0.05 * b * (a * w0 + b * theta + c * w1 - target);
      if (i >= steps / 2) sum += theta;
    }
    const best = 2.5 * target - 0.75 * (w0 + w1);
    // The average over the second half: sampling noise of t, about 0.01.
    expect(sum / (steps / 2)).toBeCloseTo(best, 1);
  });
});
