/**
 * Lanczos with full re-orthogonalisation (Golub and Van Loan, "Matrix Computations", 10.3.5): the
 * Krylov space is small here, so the lost orthogonality of the plain recurrence is not worth saving.
 */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { SymmetricOperator } from './operator.js';
import { axpy, dot, norm, scaled } from './vectors.js';

/** T = Q^T A Q after some steps: diagonal alphas [k], off-diagonal betas [k], the last one leaving Q. */
export interface Tridiagonal {
  readonly alphas: readonly number[];
  readonly betas: readonly number[];
}

export interface EigenResult {
  /** The largest Ritz value. */
  readonly eigenvalue: number;
  /** ||A y - θ y|| of its Ritz pair. */
  readonly residual: number;
  /** Products with A. */
  readonly iterations: number;
  /** residual ≤ tolerance · |eigenvalue|. */
  readonly converged: boolean;
}

export interface LanczosOptions {
  readonly maxSteps: number;
  /** Relative: of the residual against the eigenvalue. */
  readonly tolerance: number;
}

/** Below this share of the largest entry of T a new direction is rounding noise. */
const breakdown = 1e-12;

/**
 * One Lanczos step after another from the start vector [size], which need not have unit length;
 * `onStep` sees the tridiagonal so far and says whether to go on. Ends early when the Krylov
 * space is exhausted (beta = 0).
 */
export function lanczos(
  operator: SymmetricOperator,
  start: Float64Array,
  maxSteps: number,
  onStep: (t: Tridiagonal) => boolean,
): Tridiagonal {
  const length = norm(start);
  if (!(length > 0)) throw new Error('Lanczos needs a start vector that is not zero');
  const basis = [scaled(1 / length, start)];
  const alphas: number[] = [];
  const betas: number[] = [];
  let scale = 0;
  for (let k = 0; k < Math.min(maxSteps, operator.size); k++) {
    const w = operator.matvec(basis[k]!).slice();
    alphas.push(dot(w, basis[k]!));
    // Twice is enough (Kahan, in Parlett 1998, 6.9).
    for (let pass = 0; pass < 2; pass++) for (const q of basis) axpy(-dot(w, q), q, w);
    const beta = norm(w);
    scale = Math.max(scale, Math.abs(alphas[k]!), beta);
    const exhausted = beta <= breakdown * scale;
    betas.push(exhausted ? 0 : beta);
    if (!onStep({ alphas, betas }) || exhausted) break;
    basis.push(scaled(1 / beta, w));
  }
  return { alphas, betas };
}

/** The largest eigenvalue, to the tolerance on its residual; says when it did not get there. */
export function largestEigenvalue(
  operator: SymmetricOperator,
  start: Float64Array,
  { maxSteps, tolerance }: LanczosOptions,
): EigenResult {
  let result: EigenResult | null = null;
  lanczos(operator, start, maxSteps, (t) => {
    result = largestRitzPair(t, tolerance);
    return !result.converged;
  });
  return result!;
}

/** Of T = S Θ S^T: θ_max, and |β_k s_k|, which is the residual of its Ritz pair. */
function largestRitzPair({ alphas, betas }: Tridiagonal, tolerance: number): EigenResult {
  const k = alphas.length;
  const t = Matrix.diag([...alphas]);
  for (let i = 0; i + 1 < k; i++) {
    t.set(i, i + 1, betas[i]!);
    t.set(i + 1, i, betas[i]!);
  }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(t, {
    assumeSymmetric: true,
  });
  const top = realEigenvalues.indexOf(Math.max(...realEigenvalues));
  const eigenvalue = realEigenvalues[top]!;
  const residual = Math.abs(betas[k - 1]! * eigenvectorMatrix.get(k - 1, top));
  return {
    eigenvalue,
    residual,
    iterations: k,
    converged: residual <= tolerance * Math.abs(eigenvalue),
  };
}
