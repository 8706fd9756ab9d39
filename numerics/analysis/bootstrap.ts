/** Percentile intervals by the bootstrap (Efron 1979): what statistics are of samples drawn from the sample. */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { quantileSorted } from 'simple-statistics';
import { stream } from '../random.js';

/** A percentile interval, in the unit of the statistic. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Seed, number of resamples and confidence level of a bootstrap. */
export interface BootstrapOptions {
  readonly seed: number;
  readonly resamples: number;
  /** Share of the resamples inside the interval. */
  readonly level: number;
}

/** How many resamples every interval here is of, and how much it holds. */
const standardBootstrap: BootstrapOptions = { seed: 1, resamples: 2000, level: 0.95 };

/**
 * One interval for each statistic that `compute` gives of a resample; all see the same resamples.
 * `compute` is given a generator and draws with `drawIndices`, so that what is drawn may be nested.
 * Resamples in which a statistic is NaN, since it does not exist there, are left out of its interval; null if
 * they are more than half.
 */
export function bootstrapIntervals(
  compute: (generator: RandomGenerator) => readonly number[],
  { seed, resamples, level }: BootstrapOptions = standardBootstrap,
): readonly (Interval | null)[] {
  const drawn = Array.from({ length: resamples }, (_, i) => compute(stream(seed, 'bootstrap', i)));
  return drawn[0]!.map((_, k) => {
    const column = drawn.map((statistics) => statistics[k]!);
    return percentiles(column, level);
  });
}

/** n numbers below n, with replacement. */
export function drawIndices(generator: RandomGenerator, n: number): readonly number[] {
  return Array.from({ length: n }, () => uniformInt(generator, 0, n - 1));
}

function percentiles(values: readonly number[], level: number): Interval | null {
  const sorted = Float64Array.from(values.filter((value) => !Number.isNaN(value))).sort();
  if (sorted.length === 0 || 2 * sorted.length < values.length) return null;
  const outside = (1 - level) / 2;
  const at = (share: number): number => quantileSorted([...sorted], share);
  return { low: at(outside), high: at(1 - outside) };
}
