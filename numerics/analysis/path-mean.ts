/** The mean of a series over the arc length of a path: the summary's `integral`. */
import { absent, quantity, type Quantity } from '../../experiment/records/quantity.js';

/**
 * (1 / S) ∫ L ds by the trapezoid rule, with L [n] at the arc lengths s [n] from the first point and S = s_n. It weighs each
 * stretch by its length in weight space, not by its share of t. Of a constant it is that constant on every path; where
 * S = 0 it does not exist for any other series.
 */
export function arcLengthMean(values: readonly number[], lengths: readonly number[]): Quantity {
  const n = values.length;
  const [first] = values;
  if (first === undefined || values.every((value) => value === first)) {
    return quantity(first ?? NaN, n);
  }
  const total = lengths.at(-1)! - lengths[0]!;
  if (total === 0) return absent('zero-length', n);
  let sum = 0;
  for (let i = 1; i < n; i++) {
    sum += (0.5 * values[i - 1]! + 0.5 * values[i]!) * ((lengths[i]! - lengths[i - 1]!) / total);
  }
  return quantity(sum, n);
}
