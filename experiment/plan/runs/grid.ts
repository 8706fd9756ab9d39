/** Places along a path. */

const grids = new Map<number, readonly number[]>();

/** n equally spaced values from 0 to 1. */
export function grid(n: number): readonly number[] {
  const known = grids.get(n) ?? Array.from({ length: n }, (_, i) => i / (n - 1));
  grids.set(n, known);
  return known;
}
