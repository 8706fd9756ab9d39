/** A cost against a size: fixed + slope * size by least squares, and whether the last doubling exceeds it. */
import { linearRegression } from 'simple-statistics';

/** Size and cost. */
export type Point = readonly [size: number, cost: number];

export interface Line {
  readonly fixed: number;
  readonly slope: number;
}

/** How much the last cost may lie above the line through those before it. */
export interface Tolerance {
  /** Fraction of the part that grows. */
  readonly relative: number;
  /** In units of the cost: what smaller figures scatter by. */
  readonly absolute: number;
}

export interface Growth extends Line {
  /** The last cost over what the line through the others predicts, as a fraction of the part that grows; 0 if below. */
  readonly excess: number;
  readonly isLinear: boolean;
}

/** The line of least squares through at least two points of different sizes. */
export function fitLine(points: readonly Point[]): Line {
  const { m, b } = linearRegression(points.map(([size, cost]) => [size, cost]));
  return { fixed: b, slope: m };
}

/** Points in order of size. The line reported goes through all, the one that judges the last through the others. */
export function judgeGrowth(points: readonly Point[], tolerance: Tolerance): Growth {
  if (points.length < 3) throw new Error(`growth needs 3 sizes, not ${points.length}`);
  const [size, cost] = points.at(-1)!;
  const before = fitLine(points.slice(0, -1));
  const growing = Math.max(0, before.slope * size);
  const above = Math.max(0, cost - before.fixed - before.slope * size);
  const isLinear = above <= Math.max(tolerance.absolute, tolerance.relative * growing);
  return { ...fitLine(points), excess: growing > 0 ? above / growing : 0, isLinear };
}
