// Barriers, correlations and bootstrap intervals against tables worked out by hand and other formulas.
import fc from 'fast-check';
import { Matrix, solve } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { selectAssociations, intervalsOverPlaces } from '../../../numerics/analysis/association.js';
import { barrierOverLine, barrierOverMean } from '../../../numerics/analysis/barrier.js';
import { bootstrapIntervals, drawIndices } from '../../../numerics/analysis/bootstrap.js';
import { partialCorrelation, pearson, spearman } from '../../../numerics/analysis/correlation.js';
import { normals, stream } from '../../../numerics/random.js';

const draw = (n: number, index: number) => [...normals(stream(9, 'probe', index), n)];
const path = (values: readonly number[], ts?: readonly number[]) =>
  values.map((value, i) => ({ x: ts?.[i] ?? i / (values.length - 1), value }));

describe('the barrier', () => {
  test('over the line and over the mean of the ends, where these are at different places', () => {
    // Line 2 -> 10: 2, 4, 6, 8, 10; rises of 0, 4, 1, 3, 0. Mean of the ends: 6; 11 is 5 above it.
    const points = path([2, 8, 7, 11, 10]);
    expect(barrierOverLine(points)).toMatchObject({ height: { value: 4 }, at: { value: 0.25 } });
    expect(barrierOverMean(points)).toMatchObject({ height: { value: 5 }, at: { value: 0.75 } });
  });

  test('uses t, not the number of the point', () => {
    // Line 0 -> 1 at t = 0.9: 0.9, so 1 rises by 0.1.
    expect(barrierOverLine(path([0, 1, 1], [0, 0.9, 1])).height.value).toBeCloseTo(0.1, 14);
  });

  test('of a line is 0, and over the mean half the difference of its ends', () => {
    const line = path([3, 2.5, 2]);
    expect(barrierOverLine(line)).toMatchObject({ height: { value: 0 }, at: { value: 0 } });
    expect(barrierOverMean(line)).toMatchObject({ height: { value: 0.5 }, at: { value: 0 } });
  });

  test('of one point is 0', () => {
    expect(barrierOverLine([{ x: 0, value: 7 }])).toMatchObject({
      height: { value: 0 },
      at: { value: 0 },
    });
  });

  test('overflows with a loss that did, and is infinite at its place where only one point within did', () => {
    const none = { value: NaN, n: 3, reason: 'overflow' };
    expect(barrierOverLine(path([1, NaN, 2]))).toEqual({ height: none, at: none });
    expect(barrierOverMean(path([1, 2, Infinity]))).toEqual({ height: none, at: none });
    expect(barrierOverLine(path([1, Infinity, 2]))).toEqual({
      height: { value: Infinity, n: 3, reason: 'overflow' },
      at: { value: 0.5, n: 3 },
    });
  });

  test('is never negative over the line, and equal by both definitions where the ends are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: 2 }),
        (values) => {
          expect(barrierOverLine(path(values)).height.value).toBeGreaterThanOrEqual(0);
          const closed = path([...values, values[0]!]);
          const gap = barrierOverLine(closed).height.value - barrierOverMean(closed).height.value;
          expect(Math.abs(gap)).toBeLessThan(1e-12);
        },
      ),
    );
  });
});

describe('correlations', () => {
  test("of Anscombe's first set (1973) are the published 0.816", () => {
    const x = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
    const y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];
    expect(pearson(x, y).value).toBeCloseTo(0.81642, 5);
    // Without ties Spearman's is 1 - 6 sum d^2 / (n (n^2 - 1)), d the differences of ranks: sum d^2 = 40.
    expect(spearman(x, y).value).toBeCloseTo(1 - (6 * 40) / (11 * 120), 12);
  });

  test('partial: of residuals of linear regressions, solved by the normal equations', () => {
    const given = draw(30, 1);
    const a = draw(30, 2).map((value, i) => value + 2 * given[i]!);
    const b = draw(30, 3).map((value, i) => value - given[i]! + 0.5 * a[i]!);
    const residuals = (values: readonly number[]): number[] => {
      const design = new Matrix(given.map((value) => [1, value]));
      const fit = solve(
        design.transpose().mmul(design),
        design.transpose().mmul(Matrix.columnVector([...values])),
      );
      return values.map((value, i) => value - fit.get(0, 0) - fit.get(1, 0) * given[i]!);
    };
    const { value } = partialCorrelation(a, b, given);
    expect(value).toBeCloseTo(pearson(residuals(a), residuals(b)).value, 10);
    expect(Math.abs(value - pearson(a, b).value)).toBeGreaterThan(0.1);
  });

  test('partial: by hand, where the third explains nothing or everything', () => {
    // a and b with r = 1/2; c is orthogonal to both.
    const [a, b, c] = [
      [1, -1, 0, 0],
      [1, 0, -1, 0],
      [1, 1, 1, -3],
    ];
    expect(partialCorrelation(a, b, c).value).toBeCloseTo(0.5, 14);
    expect(partialCorrelation(a, b, a)).toMatchObject({ reason: 'explained', n: 4 });
  });
});

describe('the bootstrap', () => {
  test('of a mean is the normal interval with the standard error, for many values', () => {
    const values = draw(400, 4);
    const mean = (indices: readonly number[]) =>
      indices.reduce((sum, i) => sum + values[i]!, 0) / indices.length;
    const [found] = bootstrapIntervals((g) => [mean(drawIndices(g, 400))]);
    const all = mean([...values.keys()]);
    const error = Math.sqrt(values.reduce((s, v) => s + (v - all) ** 2, 0)) / 400;
    // 2,000 resamples leave the ends of the interval a few per cent of its width.
    expect(Math.abs(found!.low - (all - 1.96 * error))).toBeLessThan(0.25 * error);
    expect(Math.abs(found!.high - (all + 1.96 * error))).toBeLessThan(0.25 * error);
  });

  test('holds a known correlation about as often as it says', () => {
    // rho = 0.8 of normals, 40 places; percentile intervals of small samples hold a little less.
    let held = 0;
    for (let i = 0; i < 60; i++) {
      const x = draw(40, 100 + 2 * i);
      const loss = draw(40, 101 + 2 * i).map((value, k) => 0.8 * x[k]! + 0.6 * value);
      const sample = { loss, predictors: { x } };
      const { low, high } = intervalsOverPlaces(sample, [
        ({ loss, predictors }) => pearson(loss, predictors['x']!),
      ])[0]!;
      if (low <= 0.8 && 0.8 <= high) held++;
    }
    expect(held).toBeGreaterThanOrEqual(50);
  }, 60_000);

  test('gives the same again, and another for another seed', () => {
    const statistic = (seed: number) =>
      bootstrapIntervals((g) => [drawIndices(g, 50)[0]!], { seed, resamples: 100, level: 0.9 });
    expect(statistic(1)).toEqual(statistic(1));
    expect(drawIndices(stream(1, 'bootstrap', 0), 50)).not.toEqual(
      drawIndices(stream(2, 'bootstrap', 0), 50),
    );
  });

  test('leaves out what is not a number, unless it is more than half', () => {
    let i = 0;
    const options = { seed: 1, resamples: 4, level: 0.5 };
    const [some, most] = bootstrapIntervals(
      () => [[1, NaN, 3, 2][i]!, [NaN, 5, NaN, NaN][i++]!],
      options,
    );
    // Quartiles of 1, 2, 3, between neighbours in proportion.
    expect(some).toEqual({ low: 1.5, high: 2.5 });
    expect(most).toBeNull();
  });

  test('names associations, partial ones only where both are there', () => {
    const both = selectAssociations(['e', 'g'], { of: 'e', given: 'g' });
    expect([...both.keys()]).toEqual([
      'pearson.e',
      'spearman.e',
      'pearson.g',
      'spearman.g',
      'partial.e',
    ]);
    expect([...selectAssociations(['e'], { of: 'e', given: 'g' }).keys()]).toEqual([
      'pearson.e',
      'spearman.e',
    ]);
  });
});
