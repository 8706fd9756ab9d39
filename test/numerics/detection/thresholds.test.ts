/** Thresholds and exact binomial intervals, against enumeration; broken variants fail the same checks. */
import { describe, expect, it } from 'vitest';
import type { Interval } from '../../../numerics/analysis/bootstrap.js';
import { binomialInterval } from '../../../numerics/detection/binomial.js';
import { countAbove, thresholdAt } from '../../../numerics/detection/operating-point.js';
import { normals, stream } from '../../../numerics/random.js';

/** P(X = k) by repeated products, which shares no code with the logarithms of the interval. */
function probabilities(n: number, p: number): readonly number[] {
  let row = [1];
  for (let i = 0; i < n; i++) {
    row = Array.from({ length: i + 2 }, (_, k) => (row[k] ?? 0) * (1 - p) + (row[k - 1] ?? 0) * p);
  }
  return row;
}

const upTo = (k: number, n: number, p: number): number =>
  probabilities(n, p)
    .slice(0, k + 1)
    .reduce((a, b) => a + b, 0);

type Method = (hits: number, n: number) => Interval;
const wald: Method = (hits, n) => {
  const p = hits / n;
  const deviation = 1.96 * Math.sqrt((p * (1 - p)) / n);
  return { low: p - deviation, high: p + deviation };
};

/** Whether the interval holds the true share in at least 95 % of all outcomes, whatever that share is. */
function isConservative(interval: Method): boolean {
  const n = 40;
  const intervals = Array.from({ length: n + 1 }, (_, hits) => interval(hits, n));
  return [0.01, 0.05, 0.2, 0.5, 0.93].every((p) => {
    const chances = probabilities(n, p);
    const covered = chances.filter((_, k) => intervals[k]!.low <= p && p <= intervals[k]!.high);
    return covered.reduce((a, b) => a + b, 0) >= 0.95;
  });
}

describe('the binomial interval', () => {
  it('has 2.5 % beyond each bound', () => {
    for (const [hits, n] of [
      [1, 10],
      [7, 40],
      [39, 40],
      [50, 400],
    ] as const) {
      const { low, high } = binomialInterval(hits, n);
      expect(1 - upTo(hits - 1, n, low)).toBeCloseTo(0.025, 9);
      expect(upTo(hits, n, high)).toBeCloseTo(0.025, 9);
    }
  });

  it('has closed forms where none or all were counted', () => {
    expect(binomialInterval(0, 25)).toEqual({
      low: 0,
      high: expect.closeTo(1 - 0.025 ** (1 / 25), 10),
    });
    expect(binomialInterval(25, 25)).toEqual({
      low: expect.closeTo(0.025 ** (1 / 25), 10),
      high: 1,
    });
    expect(binomialInterval(0, 0)).toEqual({ low: 0, high: 1 });
  });

  it('holds every share in 95 % of outcomes or more; a normal one does not', () => {
    expect(isConservative(binomialInterval)).toBe(true);
    expect(isConservative(wald)).toBe(false);
  });
});

type Threshold = (clean: Float32Array, rate: number) => number;
/** Off by one. */
const oneLower: Threshold = (clean, rate) =>
  clean.slice().sort().reverse()[Math.floor(rate * clean.length) + 1]!;

describe('the threshold', () => {
  const scores = Float32Array.from(normals(stream(3, 'bootstrap', 0), 240));
  const isLowest = (of: Threshold): boolean =>
    [0.01, 0.05, 0.5].every((rate) => {
      const allowed = Math.floor(rate * scores.length);
      return countAbove(scores, of(scores, rate)) === allowed;
    });

  it('lets exactly the asked-for share of different clean scores through', () => {
    expect(isLowest(thresholdAt)).toBe(true);
    expect(isLowest(oneLower)).toBe(false);
  });

  it('flags none of equal scores, and nothing where a score is no number', () => {
    const equal = new Float32Array(50).fill(2);
    expect(countAbove(equal, thresholdAt(equal, 0.05))).toBe(0);
    expect(thresholdAt(Float32Array.of(1, NaN), 0.05)).toBeNaN();
    expect(thresholdAt(new Float32Array(0), 0.05)).toBeNaN();
  });
});
