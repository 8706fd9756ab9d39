/** Mean and sample standard deviation over what a sweep repeats. */
import { absent, mean, quantity, type Quantity } from '../../experiment/records/quantity.js';

export interface Moments {
  readonly n: number;
  readonly mean: Quantity;
  /** Absent for a single value. */
  readonly sd: Quantity;
}

export function moments(values: readonly number[]): Moments {
  const n = values.length;
  const middle = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  const sd = n < 2 ? absent('too-few', n) : quantity(Math.sqrt(squares / (n - 1)), n);
  return { n, mean: quantity(middle, n), sd };
}
