/** The random vectors that Lanczos begins and restarts with. */
import { normals, stream, type Purpose } from '../../random.js';
import type { RandomDirections } from './extremal-eigenvalues.js';

/** Normals [size], decided by the seed, the number of the operator (of an image, or 0) and that of the restart. */
export function lanczosDirections(
  seed: number,
  operator: number,
  size: number,
  first: Purpose = 'lanczos-start',
): RandomDirections {
  return (index) => {
    const purpose = index === 0 ? first : (`lanczos-restart-${index}` as const);
    return normals(stream(seed, purpose, operator), size);
  };
}

/**
 * Relative error of the Hessian products in float32: what it leaves of an exhausted direction is 1e-8 to
 * 1e-6 of the largest eigenvalue with cnn-small on MNIST.
 */
export const float32Noise = 1e-6;
