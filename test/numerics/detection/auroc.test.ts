/** The area under the ROC curve against its definition, pair by pair; broken variants fail the same checks. */
import { describe, expect, it } from 'vitest';
import { normals, stream } from '../../../numerics/random.js';
import {
  auroc,
  aurocDifference,
  aurocInterval,
  type Auroc,
  type ScoredPoints,
} from '../../../numerics/detection/auroc.js';

/** Scores on a grid, so that there are ties, of two normal distributions `shift` apart. */
function drawn(seed: number, m: number, n: number, shift: number, grid = 0.25): ScoredPoints {
  const generator = stream(seed, 'bootstrap', 0);
  const scores = (count: number, mean: number) =>
    Float32Array.from(normals(generator, count), (z) => grid * Math.round((z + mean) / grid));
  return { positives: scores(m, shift), negatives: scores(n, 0) };
}

type Area = (scored: ScoredPoints) => number;

/** Mann and Whitney (1947): 1 for every pair that is in order, 1/2 for every tie. */
const count: Area = ({ positives, negatives }) => {
  let wins = 0;
  for (const a of positives) for (const b of negatives) wins += a > b ? 1 : a === b ? 0.5 : 0;
  return wins / (positives.length * negatives.length);
};
const ours: Area = (scored) => auroc(scored).area;
/** The trapezoid rule over a list of thresholds, without the ends: a common slip. */
const withoutTies: Area = ({ positives, negatives }) => {
  let wins = 0;
  for (const a of positives) for (const b of negatives) wins += a > b ? 1 : 0;
  return wins / (positives.length * negatives.length);
};
const otherWay: Area = ({ positives, negatives }) =>
  ours({ positives: negatives, negatives: positives });

const some = drawn(1, 83, 61, 0.7);

function isCount(area: Area): boolean {
  return [1, 2, 3].every((seed) => {
    const scored = drawn(seed, 20 + seed, 31 * seed, 0.4 * seed);
    return area(scored) === count(scored);
  });
}

function isHalfOfItself(area: Area): boolean {
  return area({ positives: some.positives, negatives: some.positives }) === 0.5;
}

function isInvariant(area: Area): boolean {
  const map = (scores: Float32Array) => scores.map((s) => Math.fround(Math.exp(s)));
  const mapped = { positives: map(some.positives), negatives: map(some.negatives) };
  return area(mapped) === area(some);
}

describe('the area', () => {
  it('is the Mann-Whitney count exactly; without ties, or the other way round, it is not', () => {
    expect(isCount(ours)).toBe(true);
    expect(isCount(withoutTies)).toBe(false);
    expect(isCount(otherWay)).toBe(false);
  });

  it('is 1/2 for identical lists', () => {
    expect(isHalfOfItself(ours)).toBe(true);
    expect(isHalfOfItself(withoutTies)).toBe(false);
  });

  it('does not change under monotone maps of the score', () => {
    const mean: Area = ({ positives, negatives }) => average(positives) - average(negatives);
    expect(isInvariant(ours)).toBe(true);
    expect(isInvariant(mean)).toBe(false);
  });

  it('is 1 and 0 for lists that do not overlap, infinities among them', () => {
    const [high, low] = [Float32Array.of(2, Infinity), Float32Array.of(1, -Infinity, 0)];
    expect(ours({ positives: high, negatives: low })).toBe(1);
    expect(ours({ positives: low, negatives: high })).toBe(0);
  });

  it('is no number where a score is none, or a list is empty', () => {
    expect(ours({ positives: Float32Array.of(1, NaN), negatives: Float32Array.of(0) })).toBeNaN();
    expect(ours({ positives: new Float32Array(0), negatives: Float32Array.of(0) })).toBeNaN();
  });
});

/** The definition of DeLong et al. (1988), eq. 4 to 6, pair by pair. */
function variance({ positives, negatives }: ScoredPoints): number {
  const kernel = (a: number, b: number): number => (a > b ? 1 : a === b ? 0.5 : 0);
  const [p, q] = [[...positives], [...negatives]];
  const rows = p.map((a) => average(q.map((b) => kernel(a, b))));
  const columns = q.map((b) => average(p.map((a) => kernel(a, b))));
  return sampleVariance(rows) / p.length + sampleVariance(columns) / q.length;
}

type Width = (area: Auroc) => number;
const width: Width = (area) => {
  const { low, high } = aurocInterval(area);
  return high - low;
};
/** As if every pair were an observation of its own. */
const overPairs: Width = ({ area, ofPositives, ofNegatives }) =>
  2 * 1.96 * Math.sqrt((area * (1 - area)) / (ofPositives.length * ofNegatives.length));

describe('the interval', () => {
  const isDefinition = (of: Width): boolean =>
    Math.abs(of(auroc(some)) - 2 * 1.959964 * Math.sqrt(variance(some))) < 1e-6;

  it('is that of the definition; one over pairs is not', () => {
    expect(isDefinition(width)).toBe(true);
    expect(isDefinition(overPairs)).toBe(false);
  });

  it('holds the true area of two normal distributions in about 95 % of samples', () => {
    // Φ(1 / √2) for a shift of 1.
    const truth = 0.76025;
    const covered = Array.from({ length: 400 }, (_, i) => {
      const { low, high } = aurocInterval(auroc(drawn(100 + i, 60, 80, 1, 1e-6)));
      return low <= truth && truth <= high ? 1 : 0;
    });
    // Four standard errors of a binomial share, √(.95 · .05 / 400) = .011, and a small-sample deficit of 1 %.
    expect(average(covered)).toBeGreaterThan(0.9);
    expect(average(covered)).toBeLessThan(0.995);
  });

  it('of a difference of equal scores is 0 to 0, and is narrower for pairs than for strangers', () => {
    const area = auroc(some);
    expect(aurocDifference(area, area)).toEqual({ difference: 0, low: 0, high: 0 });
    const near = some.positives.map((s, i) => s + (i % 2 === 0 ? 0.25 : -0.25));
    const paired = aurocDifference(auroc({ ...some, positives: near }), area);
    const strangers = aurocDifference(auroc({ ...some, positives: near.toReversed() }), area);
    expect(paired.high - paired.low).toBeLessThan(0.7 * (strangers.high - strangers.low));
  });
});

function average(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}

function sampleVariance(values: readonly number[]): number {
  const mean = average(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}
