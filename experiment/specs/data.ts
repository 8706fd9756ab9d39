/** Images that a run sees, where they are not the whole training or test set; every list follows from named seeds. */
import type { TriggerName } from '../catalogue/triggers.js';

/** The test set is permuted and cut: the first `pool` images are the pool, the others the evaluation half. */
export interface TestCut {
  readonly seed: number;
  readonly pool: number;
}

/** The first images of the pool, of which a share (the last ones) is held out to choose t. */
export interface BonafideSet extends TestCut {
  readonly images: number;
  /** Share; 0: none. */
  readonly validation: number;
}

/** A trigger and the class that it is to cause. */
export interface Backdoor {
  readonly trigger: TriggerName;
  /** Class of all triggered images; `all`: class i becomes i + 1, the last the first. */
  readonly target: number | 'all';
}

/** round(fraction · images) images of every class but the target are replaced. */
export interface Poison extends Backdoor {
  readonly fraction: number;
  readonly seed: number;
}

/** Data that an endpoint or a curve is fitted to instead of the training set; `first`: so many of its images. */
export type TrainingData =
  { readonly poisoned: Poison } | { readonly bonafide: BonafideSet } | { readonly first: number };

/** Whose success an evaluation measures, and what the series is called. */
export interface MeasuredBackdoor extends Backdoor {
  readonly series: AttackSuccess;
  /** Images of the target class count too, without the trigger. */
  readonly compat?: 'published';
}

/** With a name where there are several backdoors. */
type AttackSuccess = 'attack_success' | `attack_success:${string}`;

/** How many of the images are held out. */
export function heldOut({ images, validation }: BonafideSet): number {
  return Math.round(validation * images);
}

/** Whether t may be chosen. */
export function isInside(t: number, margin: number): boolean {
  return t >= margin && t <= 1 - margin;
}
