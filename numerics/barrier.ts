/** How far a series along a path rises above its ends, by both definitions in use. */

export interface PathPoint {
  readonly x: number;
  readonly value: number;
}

export interface Barrier {
  readonly height: number;
  /** Where on the path; the first place if there are several. */
  readonly at: number;
}

/**
 * max over t of L(t) - ((1 - t) L(0) + t L(1)): above the straight line between the values of the ends
 * (Frankle et al. 2020; Entezari et al. 2022). Never below 0, which it is at the ends. Points in the
 * order of t; the first and the last measured are the ends.
 */
export function barrierOverLine(points: readonly PathPoint[]): Barrier {
  const [first, last] = ends(points);
  const span = last.x - first.x;
  return highest(points, ({ x }) => {
    if (span === 0) return first.value;
    const share = (x - first.x) / span;
    return (1 - share) * first.value + share * last.value;
  });
}

/** max over t of L(t), less the mean of the ends: half their difference at the least. */
export function barrierOverMean(points: readonly PathPoint[]): Barrier {
  const [first, last] = ends(points);
  return highest(points, () => (first.value + last.value) / 2);
}

function ends(points: readonly PathPoint[]): readonly [PathPoint, PathPoint] {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) throw new Error('a path without points');
  return [first, last];
}

/** A measurement that is not a number makes the barrier so. */
function highest(points: readonly PathPoint[], reference: (point: PathPoint) => number): Barrier {
  if (points.some(({ value }) => Number.isNaN(value))) return { height: NaN, at: NaN };
  return points
    .map((point) => ({ height: point.value - reference(point), at: point.x }))
    .reduce((best, found) => (found.height > best.height ? found : best));
}
