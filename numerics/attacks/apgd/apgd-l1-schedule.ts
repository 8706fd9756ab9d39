/** Radius and checkpoints of APGD under l1, call by call (Croce and Hein 2021, Mind the box, section 3). */

/** Radii in multiples of epsilon, and the per cent of the steps after which each of them begins. */
const radii = [
  { multiple: 3, after: 0 },
  { multiple: 2, after: 30 },
  { multiple: 1, after: 60 },
] as const;

/** Per cent of the steps between two checkpoints. */
const checkpointPercent = 4;

/** One call of APGD under l1. */
export interface L1Call {
  /** Radius of the ball in which the call ends, in multiples of epsilon. */
  readonly multiple: number;
  /** Whether it goes uphill, from the best point of a larger ball into this one, or to the worst vertex. */
  readonly move: 'uphill' | 'shrink' | 'leap';
  readonly isCheckpoint: boolean;
  /** Whether half of the steps in this ball are over. */
  readonly half: boolean;
}

/**
 * All steps uphill, and between them a call for each smaller ball that is entered, at the end one for the vertex that
 * is the worst if the loss is linear: as in the published code, these take nothing from the steps. The first ball is
 * that of step 0; too few steps for three leave out the largest.
 */
export function l1Calls(steps: number): readonly L1Call[] {
  const share = (percent: number): number => Math.floor((percent * steps) / 100);
  const period = Math.max(share(checkpointPercent), 1);
  const balls = radii.map(({ multiple, after }, i) => {
    const end = radii[i + 1]?.after ?? 100;
    return { multiple, count: share(end) - share(after) };
  });
  const inBalls = balls
    .filter(({ count }) => count > 0)
    .flatMap(({ multiple, count }, ball) => [
      ...(ball === 0 ? [] : [aside(multiple, 'shrink')]),
      ...ascentSteps(multiple, count, period),
    ]);
  return [...inBalls, aside(1, 'leap')];
}

function aside(multiple: number, move: 'shrink' | 'leap'): L1Call {
  return { multiple, move, isCheckpoint: false, half: false };
}

/** The steps of one ball; checkpoints are counted from its first step, which has the whole step size. */
function ascentSteps(multiple: number, count: number, period: number): readonly L1Call[] {
  return Array.from({ length: count }, (_, i) => ({
    multiple,
    move: 'uphill',
    isCheckpoint: (i + 1) % period === 0,
    half: i === Math.floor(count / 2),
  }));
}
