/** Mean and sample standard deviation over what a sweep repeats. */

export interface Moments {
  readonly n: number;
  readonly mean: number;
  /** Not a number for one value. */
  readonly sd: number;
}

export function moments(values: readonly number[]): Moments {
  const mean = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { n: values.length, mean, sd: Math.sqrt(squares / (values.length - 1)) };
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
