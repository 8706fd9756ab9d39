/** Statistics of a quantity along a path: plain over the grid, and with respect to arc length. */

export interface PathStatistics {
  readonly min: number;
  readonly max: number;
  /** Plain mean over the grid points. */
  readonly mean: number;
  /** Σ ½ (v_{i-1} + v_i) dl_i / Σ dl_i: the mean with respect to arc length, by trapezoids. */
  readonly integral: number;
}

/** `lengths[i]` is the length of the path from its start to point i; both arrays [points]. */
export function pathStatistics(
  values: readonly number[],
  lengths: readonly number[],
): PathStatistics {
  if (values.length !== lengths.length || values.length === 0) {
    throw new Error(`${values.length} values against ${lengths.length} arc lengths`);
  }
  let area = 0;
  for (let i = 1; i < values.length; i++) {
    area += 0.5 * (values[i - 1]! + values[i]!) * (lengths[i]! - lengths[i - 1]!);
  }
  const total = lengths.at(-1)! - lengths[0]!;
  return {
    min: Math.min(...values),
    max: Math.max(...values),
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    integral: area / total,
  };
}
