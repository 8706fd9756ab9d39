/** Correlations of two series: Pearson's, Spearman's, and Pearson's once a third series is taken out. */
import { sampleCorrelation, sampleRankCorrelation } from 'simple-statistics';
import { absent, quantity, type Quantity } from '../../experiment/records/quantity.js';

type Values = readonly number[];

/** Any two points lie on a line: over fewer than three a correlation says nothing. */
const fewestPoints = 3;

/** Pearson's r of two series of n values, in [-1, 1]; absent over fewer than 3 and where one does not vary. */
export function pearson(a: Values, b: Values): Quantity {
  return correlation([a, b], () => sampleCorrelation(withinRange(a), withinRange(b)));
}

/** Spearman's rank correlation of two series of n values; ties share their mean rank. */
export function spearman(a: Values, b: Values): Quantity {
  return correlation([a, b], () => sampleRankCorrelation([...a], [...b]));
}

/** Below this fraction of its variance, what a regression leaves of a series is rounding. */
const explained = 1e-12;

/** Pearson's r of what linear regressions on `given` leave of a and of b; absent where they leave nothing. */
export function partialCorrelation(a: Values, b: Values, given: Values): Quantity {
  const [ab, ag, bg] = [pearson(a, b), pearson(a, given), pearson(b, given)];
  const missing = [ab, ag, bg].find(({ reason }) => reason !== undefined);
  if (missing) return missing;
  const [leftOfA, leftOfB] = [1 - ag.value ** 2, 1 - bg.value ** 2];
  if (leftOfA < explained || leftOfB < explained) return absent('explained', a.length);
  const partial = (ab.value - ag.value * bg.value) / Math.sqrt(leftOfA * leftOfB);
  return quantity(bounded(partial), a.length);
}

function correlation(series: readonly [Values, Values], compute: () => number): Quantity {
  const n = series[0].length;
  if (n < fewestPoints) return absent('too-few', n);
  if (!series.every((values) => values.every(Number.isFinite))) return quantity(NaN, n);
  if (!series.every(varies)) return absent('constant', n);
  return quantity(bounded(compute()), n);
}

/** Rounding may leave [-1, 1]. */
function bounded(r: number): number {
  return Math.min(1, Math.max(-1, r));
}

function varies(values: Values): boolean {
  return values.some((value) => value !== values[0]);
}

/**
 * Correlations do not depend on scale, but squares of 1e300 and 1e-300 leave the range of float64. A power of
 * two changes no digit.
 */
function withinRange(values: Values): number[] {
  const most = values.reduce((found, value) => Math.max(found, Math.abs(value)), 0);
  const exponent = Math.floor(Math.log2(most));
  // In two factors: 2^1074 alone is infinite.
  const half = Math.trunc(-exponent / 2);
  return values.map((value) => value * 2 ** half * 2 ** (-exponent - half));
}
