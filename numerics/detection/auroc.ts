/** The area under the ROC curve of two lists of scores, and its interval (DeLong, DeLong and Clarke-Pearson 1988). */
import type { Interval } from '../analysis/bootstrap.js';

/** Scores of points that a detector should flag, and of points that it should not. */
export interface ScoredPoints {
  /** [m]. */
  readonly positives: Float32Array;
  /** [n]. */
  readonly negatives: Float32Array;
}

/** The area under the ROC curve and where each score stands among those of the other list. */
export interface Auroc {
  /** P(positive > negative) + P(equal) / 2, 0 to 1; NaN where a list is empty or has a NaN. */
  readonly area: number;
  /** Share of the negatives below each positive, ties counting half, [m]. */
  readonly ofPositives: Float64Array;
  /** Share of the positives above each negative, ties counting half, [n]. */
  readonly ofNegatives: Float64Array;
}

/** 95 % of a normal distribution lie within so many standard deviations. */
const deviations = 1.959963984540054;

/** The Mann-Whitney count over m n, exactly: twice the wins plus the ties is a sum of integers, which is divided once. */
export function auroc({ positives, negatives }: ScoredPoints): Auroc {
  const [m, n] = [positives.length, negatives.length];
  const below = twiceBelow(positives, negatives);
  const above = twiceBelow(negatives, positives).map((twice) => 2 * m - twice);
  const wins = below.reduce((sum, twice) => sum + twice, 0);
  return {
    area: wins / (2 * m * n),
    ofPositives: below.map((twice) => twice / (2 * n)),
    ofNegatives: above.map((twice) => twice / (2 * m)),
  };
}

/** 95 % interval of the area: variances of both lists' shares, a normal distribution, and no bound outside [0, 1]. */
export function aurocInterval({ area, ofPositives, ofNegatives }: Auroc): Interval {
  const deviation = standardError(ofPositives, ofNegatives);
  return {
    low: Math.max(0, area - deviations * deviation),
    high: Math.min(1, area + deviations * deviation),
  };
}

/** A difference of two areas, with its 95 % interval. */
export interface AurocDifference extends Interval {
  readonly difference: number;
}

/** a - b where both are of the same m images, in order, against the same negatives, in order: what they share cancels. */
export function aurocDifference(a: Auroc, b: Auroc): AurocDifference {
  const difference = a.area - b.area;
  const deviation = standardError(
    a.ofPositives.map((share, i) => share - b.ofPositives[i]!),
    a.ofNegatives.map((share, i) => share - b.ofNegatives[i]!),
  );
  return {
    difference,
    low: difference - deviations * deviation,
    high: difference + deviations * deviation,
  };
}

/** √(s²(positives) / m + s²(negatives) / n) with sample variances. */
function standardError(ofPositives: Float64Array, ofNegatives: Float64Array): number {
  return Math.sqrt(varianceOfMean(ofPositives) + varianceOfMean(ofNegatives));
}

function varianceOfMean(values: Float64Array): number {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return squares / (n - 1) / n;
}

/** For each score twice the number of others below it, plus the number of its ties; NaN everywhere where any is. */
function twiceBelow(scores: Float32Array, others: Float32Array): Float64Array {
  if (scores.some(Number.isNaN) || others.some(Number.isNaN)) {
    return new Float64Array(scores.length).fill(NaN);
  }
  const sorted = others.slice().sort();
  return Float64Array.from(
    scores,
    (score) =>
      firstIndex(sorted, (other) => other >= score) + firstIndex(sorted, (other) => other > score),
  );
}

/** Index of the first of ascending values of which `holds`, from where on it does; their number if of none. */
function firstIndex(sorted: Float32Array, holds: (value: number) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(sorted[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}
