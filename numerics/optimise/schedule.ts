/** How learning rate and attack strength change over the steps of a training run. */
import type { LearningRateSchedule } from '../../experiment/specs/training.js';

/** Factor of the peak learning rate at a step out of `total`, as a function of α = step / total (default half-linear). */
export function learningRateFactor(
  schedule: LearningRateSchedule | undefined,
  step: number,
  total: number,
): number {
  if (schedule === undefined) return halfLinear(step, total);
  const alpha = step / total;
  switch (schedule.kind) {
    case 'cosine':
      return cosine(alpha, schedule.warmup, schedule.end);
    case 'one-cycle': {
      const { start, peak, end } = schedule;
      return interpolate([[0, start], [peak, 1], [1, end]], alpha); // prettier-ignore
    }
    case 'piecewise':
      return schedule.interpolation === 'linear'
        ? interpolate(schedule.points, alpha)
        : lastPoint(schedule.points, alpha)[1];
    default:
      throw new Error(`unknown schedule ${JSON.stringify(schedule satisfies never)}`);
  }
}

/**
 * Half-linear schedule of Garipov et al. 2018 with α = step / total:
 * 1 until α = 0.5, then linear to 0.01 at α = 0.9, then 0.01.
 */
export function halfLinear(step: number, total: number): number {
  const alpha = step / total;
  if (alpha <= 0.5) return 1;
  return alpha <= 0.9 ? 1 - (0.99 * (alpha - 0.5)) / 0.4 : 0.01;
}

/** α / warmup before `warmup`, then end + (1 - end) (1 + cos π β) / 2 with β = (α - warmup) / (1 - warmup) (Loshchilov & Hutter 2017). */
function cosine(alpha: number, warmup: number, end: number): number {
  if (alpha < warmup) return alpha / warmup;
  const beta = (alpha - warmup) / (1 - warmup);
  return end + ((1 - end) * (1 + Math.cos(Math.PI * beta))) / 2;
}

type Point = readonly [alpha: number, factor: number];

/** The last point at or before α; points are in order and the first is at 0. */
function lastPoint(points: readonly Point[], alpha: number): Point {
  return points.findLast(([at]) => at <= alpha)!;
}

/** Linear between points, constant after the last. */
function interpolate(points: readonly Point[], alpha: number): number {
  const [from, low] = lastPoint(points, alpha);
  const next = points.find(([at]) => at > alpha);
  if (next === undefined) return low;
  const [to, high] = next;
  return low + ((high - low) * (alpha - from)) / (to - from);
}

/**
 * Linear growth from 0 to 1 over the first `share` of the steps, then 1.
 * Adversarial training at a large epsilon from the first step collapses to a constant predictor.
 */
export function warmup(step: number, total: number, share: number): number {
  return share === 0 ? 1 : Math.min(1, step / (share * total));
}
