/** What each attack is told about itself, as plain data; what is absent is as it was before there was such a field. */

export const attackNorms = ['linf', 'l2', 'l1'] as const;
export type AttackNorm = (typeof attackNorms)[number];
export const attackLosses = ['ce', 'dlr', 'cw'] as const;
export type AttackLossName = (typeof attackLosses)[number];

/**
 * When the squares of the Square Attack get smaller: the places of a budget of 10,000 queries stretched over the budget
 * at hand, or as they are.
 */
export const squareSchedules = ['scaled', 'fixed'] as const;
export type SquareSchedule = (typeof squareSchedules)[number];

/** Where an attack says nothing of it; docs/concepts/attacks.md has the measurements. */
export const defaultSchedules: Readonly<Record<AttackNorm, SquareSchedule>> = {
  linf: 'scaled',
  l2: 'scaled',
  l1: 'fixed',
};

/** A class for every image, or the rank-th most likely of those that are not its own: one of the two. */
export interface AttackTarget {
  readonly class?: number;
  readonly rank?: number;
}

/** Signs that an attack says little: always zero gradients, falling losses and randomness. */
export interface AttackChecks {
  /** Of the Square Attack on what is standing at the end; 0: none. */
  readonly queries: number;
  /** Absent: the norm's. */
  readonly schedule?: SquareSchedule;
}

export interface PgdMethod {
  readonly method?: undefined;
  readonly norm: AttackNorm;
  readonly epsilon: number;
  readonly stepSize: number;
  readonly steps: number;
  readonly randomStart: boolean;
  /** Random starts per image, of which the worst counts; absent: 1. */
  readonly restarts?: number;
  /** Absent: cross-entropy. */
  readonly loss?: AttackLossName;
  /** Of the loss cw; absent: 0. */
  readonly confidence?: number;
  /** Absent: away from the label. */
  readonly target?: AttackTarget;
  /** Absent: none. */
  readonly momentum?: number;
  /** That one l1 step changes; absent: 1. */
  readonly pixels?: number;
  /** Absent: none. */
  readonly checks?: AttackChecks;
}

export interface ApgdMethod {
  readonly method: 'apgd';
  readonly norm: AttackNorm;
  readonly epsilon: number;
  readonly steps: number;
  readonly loss: 'ce' | 'dlr';
  /** How many of the other classes to aim at, one after the other; absent: away from the label. */
  readonly targets?: number;
  readonly restarts: number;
  readonly checks: AttackChecks;
}

export interface FabMethod {
  readonly method: 'fab';
  readonly norm: AttackNorm;
  readonly epsilon: number;
  readonly steps: number;
  readonly targets: number;
  readonly restarts: number;
  readonly checks: AttackChecks;
}

export interface SquareMethod {
  readonly method: 'square';
  readonly norm: AttackNorm;
  readonly epsilon: number;
  readonly queries: number;
  /** Absent: the norm's. */
  readonly schedule?: SquareSchedule;
  readonly restarts: number;
}

export interface AutoAttackMethod {
  readonly method: 'autoattack';
  readonly norm: AttackNorm;
  readonly epsilon: number;
  /** Of APGD and of FAB. */
  readonly steps: number;
  readonly targets: number;
  readonly queries: number;
  /** Of Square; absent: the norm's. */
  readonly schedule?: SquareSchedule;
}

export type AttackMethod = PgdMethod | ApgdMethod | FabMethod | SquareMethod | AutoAttackMethod;
