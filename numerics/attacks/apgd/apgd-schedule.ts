/** Steps at which APGD checks its progress (Croce and Hein 2020, section 4). */

/** A step after which APGD decides whether to halve its step size. */
export interface Checkpoint {
  /** The step, from 0, that it follows. */
  readonly step: number;
  /** Steps since the last checkpoint. */
  readonly period: number;
}

/** All checkpoints of so many steps: the first after 22 % of the steps; each period 3 % of them shorter than the last, but at least 6 %. */
export function apgdCheckpoints(steps: number): readonly Checkpoint[] {
  const share = (percent: number): number => Math.max(Math.floor((percent * steps) / 100), 1);
  const checkpoints: Checkpoint[] = [];
  let period = share(22);
  for (let done = period; done <= steps; done += period) {
    checkpoints.push({ step: done - 1, period });
    period = Math.max(period - share(3), share(6));
  }
  return checkpoints;
}
