/** Eigenvalues and residuals that a Lanczos tridiagonal holds: its Ritz pairs (Parlett 1998, 13.2). */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { axpy } from './vectors.js';

/** T = Q^T A Q after some steps: diagonal alphas [k], off-diagonal betas [k], the last one leaving Q. */
export interface Tridiagonal {
  readonly alphas: readonly number[];
  readonly betas: readonly number[];
  /** Columns of Q, k of [size], orthonormal. */
  readonly basis: readonly Float64Array[];
}

export interface RitzValue {
  readonly eigenvalue: number;
  /** |β_k s_k| = ||A y - θ y||, which also bounds the error of the eigenvalue. */
  readonly residual: number;
  /** s [k], of unit length: the Ritz vector is Q s. */
  readonly coordinates: readonly number[];
}

/** All of T = S Θ S^T, in descending order. */
export function ritzValues({ alphas, betas }: Tridiagonal): RitzValue[] {
  const k = alphas.length;
  const t = Matrix.diag([...alphas]);
  for (let i = 0; i + 1 < k; i++) {
    t.set(i, i + 1, betas[i]!);
    t.set(i + 1, i, betas[i]!);
  }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(t, {
    assumeSymmetric: true,
  });
  return realEigenvalues
    .map((eigenvalue, i) => ({
      eigenvalue,
      residual: Math.abs(betas[k - 1]! * eigenvectorMatrix.get(k - 1, i)),
      coordinates: eigenvectorMatrix.getColumn(i),
    }))
    .sort((a, b) => b.eigenvalue - a.eigenvalue);
}

/** Q s [size], of unit length. */
export function ritzVector({ basis }: Tridiagonal, { coordinates }: RitzValue): Float64Array {
  const vector = new Float64Array(basis[0]!.length);
  coordinates.forEach((s, i) => axpy(s, basis[i]!, vector));
  return vector;
}
