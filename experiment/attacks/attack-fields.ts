/** Terms and fields that attack methods share, as plain data. */

/** Norms in which perturbations are bounded. */
export const attackNorms = ['linf', 'l2', 'l1'] as const;
export type AttackNorm = (typeof attackNorms)[number];

/** Losses that gradient attacks maximise. */
export const attackLosses = ['ce', 'dlr', 'cw'] as const;
export type AttackLossName = (typeof attackLosses)[number];

/**
 * When the squares of the Square Attack get smaller: at the places published for 10,000 queries, scaled to the queries of
 * the attack, or fixed.
 */
export const squareSchedules = ['scaled', 'fixed'] as const;
export type SquareSchedule = (typeof squareSchedules)[number];

/** Schedules by default; docs/concepts/attacks.md has the measurements. */
export const defaultSchedules: Readonly<Record<AttackNorm, SquareSchedule>> = {
  linf: 'scaled',
  l2: 'scaled',
  l1: 'fixed',
};

/** Runs of APGD on cross-entropy with which AutoAttack starts. */
export const autoAttackFirstRuns: Readonly<Record<AttackNorm, number>> = { linf: 1, l2: 1, l1: 5 };

/** One class for every image, or the rank-th most likely of an image's other classes: one of the two. */
export interface AttackTarget {
  readonly class?: number;
  readonly rank?: number;
}

/** Checks of the attack itself: always zero gradients, falling losses and randomness. */
export interface AttackChecks {
  /** Queries of the Square Attack on the images not yet misclassified at the end; 0: none. */
  readonly queries: number;
  /** Absent: the norm's default. */
  readonly schedule?: SquareSchedule;
}

/** Fields that every planned attack has. */
export interface AttackBase {
  readonly norm: AttackNorm;
  readonly epsilon: number;
}
