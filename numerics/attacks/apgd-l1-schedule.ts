/** Radius and looks back of APGD under l1, step by step (Croce and Hein 2021, Mind the box, section 3). */

/** Radii in multiples of epsilon, and the share of the steps after which each of them begins. */
const radii = [
  { multiple: 3, after: 0 },
  { multiple: 2, after: 0.3 },
  { multiple: 1, after: 0.6 },
] as const;

/** It looks back after every such share of the steps. */
const lookShare = 0.04;

export interface L1Step {
  /** Of the ball in which the step ends, in multiples of epsilon. */
  readonly multiple: number;
  /** Whether it goes from the best point of a larger ball into this one instead of uphill. */
  readonly shrinks: boolean;
  readonly looks: boolean;
  /** Whether half of the steps in this ball are over. */
  readonly half: boolean;
  /** Whether it goes to the point that is the worst if the loss is linear: the last one does. */
  readonly leaps: boolean;
}

/** The first ball is that of step 0; too few steps for three leave out the largest. */
export function l1Steps(steps: number): readonly L1Step[] {
  const period = Math.max(Math.floor(lookShare * steps), 1);
  const begins = (after: number): number => Math.floor(after * steps);
  const radiusAt = (step: number) => radii.findLast(({ after }) => begins(after) <= step)!;
  return Array.from({ length: steps }, (_, i) => {
    const { multiple, after } = radiusAt(i);
    const first = begins(after);
    const end = radii.map((radius) => begins(radius.after)).find((begin) => begin > i) ?? steps;
    return {
      multiple,
      shrinks: i > 0 && i === first,
      looks: (i - first + 1) % period === 0,
      half: i === first + Math.floor((end - first) / 2),
      leaps: i > first && i === steps - 1,
    };
  });
}
