/** Which seed decides the random draws of each step: that of a common start until the spawn, then the training's own. */

/** A common start: everything is that seed's before this step. */
export interface Spawn {
  readonly seed: number;
  /** Steps that are shared. */
  readonly step: number;
}

export interface Seeding {
  readonly seed: number;
  /** Absent: nothing is shared. */
  readonly spawn?: Spawn | undefined;
}

/** Of the step with this index, from 0. */
export function seedAt({ seed, spawn }: Seeding, step: number): number {
  return spawn !== undefined && step < spawn.step ? spawn.seed : seed;
}
