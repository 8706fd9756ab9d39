/** How two series go together: by value, by rank, and by value once a third is taken out. */
import { sampleCorrelation, sampleRankCorrelation } from 'simple-statistics';

type Values = readonly number[];

export function pearson(a: Values, b: Values): number {
  return defined(a, b) ? bounded(sampleCorrelation([...a], [...b])) : NaN;
}

/** Ties share their rank. */
export function spearman(a: Values, b: Values): number {
  return defined(a, b) ? bounded(sampleRankCorrelation([...a], [...b])) : NaN;
}

/** Below this share of its variance, what a regression leaves of a series is rounding. */
const explained = 1e-12;

/** Pearson correlation of what linear regressions on `given` leave of a and of b. */
export function partialCorrelation(a: Values, b: Values, given: Values): number {
  const [ab, ag, bg] = [pearson(a, b), pearson(a, given), pearson(b, given)];
  const [leftOfA, leftOfB] = [1 - ag * ag, 1 - bg * bg];
  if (leftOfA < explained || leftOfB < explained) return NaN;
  return bounded((ab - ag * bg) / Math.sqrt(leftOfA * leftOfB));
}

/** Rounding may leave [-1, 1]. */
function bounded(correlation: number): number {
  return Math.min(1, Math.max(-1, correlation));
}

/** Not a number where it is undefined: rounding would give a constant series some correlation. */
function defined(a: Values, b: Values): boolean {
  return varies(a) && varies(b) && ![...a, ...b].some(Number.isNaN);
}

function varies(values: Values): boolean {
  return values.some((value) => value !== values[0]);
}
