/** The seed of each step: that of a common start until the spawn, then the training's own. */

/** A common start: draws before this step come from this seed. */
interface Spawn {
  readonly seed: number;
  /** Steps that are shared. */
  readonly step: number;
}

/** The seed of a training, and of its start if that is shared. */
export interface Seeding {
  readonly seed: number;
  /** Default: nothing is shared. */
  readonly spawn?: Spawn | undefined;
}

/** The seed of the step with this index, from 0. */
export function seedAt({ seed, spawn }: Seeding, step: number): number {
  return spawn !== undefined && step < spawn.step ? spawn.seed : seed;
}
