/** The projection and the dual of ADMM with at most k weights of a layer (Zhang et al. 2018, section 3). */
import { keepLargest } from './largest.js';

/** Both of one layer. */
export interface AdmmState {
  /** z [n], at most k entries not zero. */
  readonly projection: Float32Array;
  /** u [n]. */
  readonly dual: Float32Array;
}

/** z ← the k largest of θ + u, then u ← u + θ - z; θ and u are [n]. */
export function updateAdmm(theta: Float32Array, dual: Float32Array, count: number): AdmmState {
  const shifted = theta.map((w, i) => w + dual[i]!);
  const projection = keepLargest(shifted, count);
  return { projection, dual: shifted.map((w, i) => w - projection[i]!) };
}
