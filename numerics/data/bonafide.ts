/** Bonafide data: the cut of a test set, and the sets that are drawn from its pool. */
import { heldOut, type BonafideSet, type TestCut } from '../../experiment/specs/data.js';
import { permutation, stream } from '../random.js';

/** The test set in two: the pool from which bonafide images are drawn, and the rest for evaluation. */
export interface CutIndices {
  readonly pool: Int32Array;
  readonly evaluation: Int32Array;
}

/** Every one of `count` test images is in one of both; both in the order of the permutation. */
export function cutIndices({ seed, pool }: TestCut, count: number): CutIndices {
  const order = permutation(stream(seed, 'test-cut', 0), count);
  return { pool: order.slice(0, pool), evaluation: order.slice(pool) };
}

/** A bonafide set in two. */
export interface BonafideIndices {
  readonly training: Int32Array;
  /** Held out, to choose t by. */
  readonly validation: Int32Array;
}

/** The pool is in random order, so that its first images are drawn without replacement; a larger set holds a smaller one. */
export function bonafideIndices(set: BonafideSet, count: number): BonafideIndices {
  const drawn = cutIndices(set, count).pool.slice(0, set.images);
  const training = drawn.length - heldOut(set);
  return { training: drawn.slice(0, training), validation: drawn.slice(training) };
}
