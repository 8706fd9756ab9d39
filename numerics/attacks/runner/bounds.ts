/** The attack's own claim is not trusted: a result outside the ball or the pixel range ends the run. */
import type { Norm } from '../norms/norm.js';

export interface Bounds {
  readonly norm: Norm;
  /** Radius of the ball, in [0,1] pixel units. */
  readonly epsilon: number;
}

/** Of a batch: the longest change, the smallest and the largest pixel. */
export function checkBounds({ norm, epsilon }: Bounds, extremes: Float32Array): void {
  const [change, smallest, largest] = extremes;
  if (change! <= epsilon + norm.slack(epsilon) && smallest! >= 0 && largest! <= 1) return;
  throw new Error(
    `attacked images left their bounds: change ${change} of ${epsilon}, pixels ${smallest} to ${largest}`,
  );
}
