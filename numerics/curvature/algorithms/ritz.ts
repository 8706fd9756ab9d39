/** Eigenvalues and residuals that a Lanczos tridiagonal holds: its Ritz pairs (Parlett 1998, 13.2). */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { axpy } from './vectors.js';

/** T = Q^T A Q after some steps: diagonal alphas [k], off-diagonal betas [k], the last one leaving Q. */
export interface Tridiagonal {
  readonly alphas: readonly number[];
  readonly betas: readonly number[];
  /** Columns of Q, k of [size], orthonormal. */
  readonly basis: readonly Float64Array[];
  /** Steps, ascending, after which A left nothing new: T falls into the blocks between them. */
  readonly exhausted: readonly number[];
}

/** An eigenvalue θ of T, which approximates one of A, with its residual and coordinates. */
export interface RitzValue {
  readonly eigenvalue: number;
  /** |β_k s_k| = ||A y - θ y||, which also bounds the error of the eigenvalue. */
  readonly residual: number;
  /** s [k], of unit length: the Ritz vector is Q s. */
  readonly coordinates: readonly number[];
  /** Number of the block of T, from 0, that it is a value of. */
  readonly space: number;
}

/** All of T = S Θ S^T, block by block, in descending order. */
export function ritzValues(t: Tridiagonal): RitzValue[] {
  const k = t.alphas.length;
  const bounds = [0, ...t.exhausted.filter((end) => end < k), k];
  return bounds
    .slice(1)
    .flatMap((end, space) => ritzValuesOfBlock(t, bounds[space]!, end, space))
    .sort((a, b) => b.eigenvalue - a.eigenvalue);
}

function ritzValuesOfBlock(
  { alphas, betas }: Tridiagonal,
  from: number,
  end: number,
  space: number,
): RitzValue[] {
  const block = Matrix.diag(alphas.slice(from, end));
  for (let i = from; i + 1 < end; i++) {
    block.set(i - from, i - from + 1, betas[i]!);
    block.set(i - from + 1, i - from, betas[i]!);
  }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(block, {
    assumeSymmetric: true,
  });
  const before = new Array<number>(from).fill(0);
  return realEigenvalues.map((eigenvalue, i) => ({
    eigenvalue,
    residual: Math.abs(betas[end - 1]! * eigenvectorMatrix.get(end - from - 1, i)),
    coordinates: [...before, ...eigenvectorMatrix.getColumn(i)],
    space,
  }));
}

/** Q s [size], of unit length. */
export function ritzVector({ basis }: Tridiagonal, { coordinates }: RitzValue): Float64Array {
  const vector = new Float64Array(basis[0]!.length);
  coordinates.forEach((s, i) => axpy(s, basis[i]!, vector));
  return vector;
}
