/** The exact interval of a share that was counted (Clopper and Pearson 1934). */
import { gammaln } from 'simple-statistics';
import type { Interval } from '../analysis/bootstrap.js';

/** Halvings of [0, 1]: the bounds are exact to about 1e-15. */
const halvings = 50;

/**
 * The shares p, 0 to 1, under which neither `hits` or more nor `hits` or fewer of n have a probability below
 * (1 - level) / 2. [0, 1] where n is 0.
 */
export function binomialInterval(hits: number, n: number, level = 0.95): Interval {
  const outside = (1 - level) / 2;
  const low = hits === 0 ? 0 : bisect((p) => 1 - cumulative(hits - 1, n, p) < outside);
  const high = hits === n ? 1 : bisect((p) => cumulative(hits, n, p) >= outside);
  return { low, high };
}

/** P(X ≤ hits) of X ~ Binomial(n, p), 0 < p < 1, in logarithms: its terms underflow. */
function cumulative(hits: number, n: number, p: number): number {
  let sum = 0;
  for (let k = 0; k <= hits; k++) {
    const choices = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1);
    sum += Math.exp(choices + k * Math.log(p) + (n - k) * Math.log1p(-p));
  }
  return sum;
}

/** Where a condition that holds from 0 on ceases to. */
function bisect(holds: (p: number) => boolean): number {
  let [low, high] = [0, 1];
  for (let i = 0; i < halvings; i++) {
    const middle = (low + high) / 2;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
