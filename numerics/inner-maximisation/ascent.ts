/** Projected gradient ascent of a loss in an l2 ball, in float64. */
import { length, projectOntoBall } from './ball.js';

/** Loss at a perturbation δ [d], and its gradient there. */
export type LossAt = (delta: Float64Array) => {
  readonly loss: number;
  readonly gradient: Float64Array;
};

/** Settings of an ascent. */
export interface AscentSettings {
  /** Radius ε of the ball around 0. */
  readonly epsilon: number;
  /** η: the step is η ∇. */
  readonly stepSize: number;
  readonly steps: number;
  /** It ends where the projected step is shorter than this share of η ‖∇‖. */
  readonly tolerance: number;
}

/** Where an ascent ends. */
export interface AscentEnd {
  readonly delta: Float64Array;
  readonly loss: number;
  /** Steps taken; all of them where it has not ended before. */
  readonly steps: number;
  readonly settled: boolean;
}

/** δ ← project(δ + η ∇), from a start in the ball. */
export function ascendInBall(
  lossAt: LossAt,
  start: Float64Array,
  { epsilon, stepSize, steps, tolerance }: AscentSettings,
): AscentEnd {
  let delta = start;
  for (let taken = 0; ; taken++) {
    const { loss, gradient } = lossAt(delta);
    const next = projectOntoBall(
      delta.map((value, i) => value + stepSize * gradient[i]!),
      epsilon,
    );
    const moved = length(next.map((value, i) => value - delta[i]!));
    const settled = moved <= tolerance * stepSize * length(gradient);
    if (settled || taken === steps) return { delta, loss, steps: taken, settled };
    delta = next;
  }
}
