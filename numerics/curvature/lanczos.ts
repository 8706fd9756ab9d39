/**
 * Lanczos with full re-orthogonalisation (Golub and Van Loan, "Matrix Computations", 10.3.5): the
 * Krylov space is small here, so the lost orthogonality of the plain recurrence is not worth saving.
 */
import { solve, type ProductMethod, type SymmetricOperator } from './operator.js';
import { ritzValues, ritzVector, type Tridiagonal } from './ritz.js';
import { axpy, dot, norm, scaled } from './vectors.js';

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
/** The reciprocal of a smaller length may be infinite. */
const smallestLength = 2 ** -1022;

/**
 * One Lanczos step after another from the start vector [size], which need not have unit length;
 * `onStep` sees the tridiagonal so far and says whether to go on. Ends early when the Krylov
 * space is exhausted (beta = 0).
 */
export function* lanczosSteps(
  start: Float64Array,
  maxSteps: number,
  onStep: (t: Tridiagonal) => boolean,
): ProductMethod<Tridiagonal> {
  const length = norm(start);
  if (!(length > 0)) throw new Error('Lanczos needs a start vector that is not zero');
  const basis = [scaled(1 / length, start)];
  const alphas: number[] = [];
  const betas: number[] = [];
  let scale = 0;
  for (let k = 0; k < Math.min(maxSteps, start.length); k++) {
    const w = (yield basis[k]!).slice();
    alphas.push(dot(w, basis[k]!));
    axpy(-alphas[k]!, basis[k]!, w);
    if (k > 0) axpy(-betas[k - 1]!, basis[k - 1]!, w);
    const beta = orthogonalise(w, basis);
    if (!Number.isFinite(beta))
      throw new Error(`the product of Lanczos step ${k + 1} is not finite`);
    scale = Math.max(scale, Math.abs(alphas[k]!), beta);
    const exhausted = beta <= breakdown * scale || beta < smallestLength;
    betas.push(exhausted ? 0 : beta);
    if (!onStep({ alphas, betas, basis }) || exhausted) break;
    if (k + 1 < maxSteps) basis.push(scaled(1 / beta, w));
  }
  return { alphas, betas, basis: basis.slice(0, alphas.length) };
}

/** A pass that leaves less than this share of the length has cancelled, and is made again. */
const cancelled = Math.SQRT1_2;

/**
 * Takes the directions of the orthonormal basis out of w, in place, and returns the length left. A
 * second pass is enough where one is not (Kahan, in Parlett 1998, 6.9; the test is that of Daniel,
 * Gragg, Kaufman and Stewart 1976).
 */
function orthogonalise(w: Float64Array, basis: readonly Float64Array[]): number {
  const before = norm(w);
  for (const q of basis) axpy(-dot(w, q), q, w);
  const after = norm(w);
  if (!(after < cancelled * before)) return after;
  for (const q of basis) axpy(-dot(w, q), q, w);
  return norm(w);
}

/** The same with a matrix at hand. */
export function lanczos(
  operator: SymmetricOperator,
  start: Float64Array,
  maxSteps: number,
  onStep: (t: Tridiagonal) => boolean,
): Tridiagonal {
  return solve(operator, lanczosSteps(start, maxSteps, onStep));
}

/** The largest eigenvalue, to the tolerance on its residual; says when it did not get there. */
export function largestEigenvalue(
  operator: SymmetricOperator,
  start: Float64Array,
  options: LanczosOptions,
): EigenResult {
  return largestEigenpair(operator, start, options).result;
}

/** The same with its Ritz vector [size], of unit length, whose sign means nothing. */
export function largestEigenpair(
  operator: SymmetricOperator,
  start: Float64Array,
  { maxSteps, tolerance }: LanczosOptions,
): { readonly result: EigenResult; vector(): Float64Array } {
  let result: EigenResult | null = null;
  const last = lanczos(operator, start, maxSteps, (t) => {
    const { eigenvalue, residual } = ritzValues(t)[0]!;
    const converged = residual <= tolerance * Math.abs(eigenvalue);
    result = { eigenvalue, residual, iterations: t.alphas.length, converged };
    return !converged;
  });
  return { result: result!, vector: () => ritzVector(last, ritzValues(last)[0]!) };
}
