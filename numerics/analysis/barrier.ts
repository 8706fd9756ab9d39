/** How far a series along a path rises above its ends, by both definitions in use. */
import { quantity, type Quantity } from '../../experiment/records/quantity.js';

/** One value of a series at x = t on the path. */
export interface PathPoint {
  readonly x: number;
  readonly value: number;
}

/** Height of the barrier, in the unit of the series, and the t at which it is reached. */
export interface Barrier {
  readonly height: Quantity;
  /** Where on the path; the first place if there are several. */
  readonly at: Quantity;
}

/**
 * max over t of L(t) - ((1 - t) L(0) + t L(1)): above the straight line between the values of the ends
 * (Frankle et al. 2020; Entezari et al. 2022). Never below 0, which it is at the ends. Points in the
 * order of t; the first and the last measured are the ends.
 */
export function barrierOverLine(points: readonly PathPoint[]): Barrier {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return nowhere(0);
  const span = last.x - first.x;
  return highest(points, ({ x, value }) => {
    if (x === first.x || x === last.x) return value;
    const share = (x - first.x) / span;
    return (1 - share) * first.value + share * last.value;
  });
}

/** max over t of L(t), less the mean of the ends: half their difference at the least. */
export function barrierOverMean(points: readonly PathPoint[]): Barrier {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return nowhere(0);
  return highest(points, () => first.value / 2 + last.value / 2);
}

/** NaN where the loss overflowed at an end or is NaN anywhere; infinite where it overflowed within the path. */
function highest(points: readonly PathPoint[], reference: (point: PathPoint) => number): Barrier {
  const heights = points.map((point) => point.value - reference(point));
  if (heights.some(Number.isNaN)) return nowhere(points.length);
  const height = heights.reduce((most, found) => Math.max(most, found));
  const n = points.length;
  return { height: quantity(height, n), at: quantity(points[heights.indexOf(height)]!.x, n) };
}

function nowhere(n: number): Barrier {
  return { height: quantity(NaN, n), at: quantity(NaN, n) };
}
