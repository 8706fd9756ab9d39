/**
 * Lanczos with full re-orthogonalisation (Golub and Van Loan, "Matrix Computations", 10.3.5): the
 * Krylov space is small here, so the lost orthogonality of the plain recurrence is not worth saving.
 */
import { solve, type ProductMethod, type SymmetricOperator } from '../operators/operator.js';
import { ritzValues, ritzVector, type Tridiagonal } from './ritz.js';
import { axpy, dot, norm, rescale, scaled } from './vectors.js';

/**
 * Why an iteration ended: every residual that was asked for met the tolerance; or its Krylov space is
 * exhausted, so that it holds every distinct eigenvalue; or the steps that it may take are taken.
 */
export const stops = ['converged', 'exhausted', 'step-limit'] as const;
/** Reason why an iteration stopped; see `stops`. */
export type Stop = (typeof stops)[number];

/** The largest eigenvalue by Lanczos, with what is known of its error. */
export interface EigenResult {
  /** The largest Ritz value. */
  readonly eigenvalue: number;
  /** ||A y - θ y|| of its Ritz pair. */
  readonly residual: number;
  /** Products with A. */
  readonly iterations: number;
  /** residual ≤ tolerance · |eigenvalue|. */
  readonly converged: boolean;
  readonly stop: Stop;
}

/** Step limit and relative tolerance of an iteration. */
export interface LanczosOptions {
  readonly maxSteps: number;
  /** Relative: of the residual against the eigenvalue. */
  readonly tolerance: number;
}

/** Relative error of sums in float64: below this share of the largest entry of T a direction is rounding. */
const float64Noise = 1e-12;

/** The reciprocal of a smaller length may be infinite. */
const smallestLength = 2 ** -1022;

/** How to search on where the Krylov space of a start vector is exhausted. */
export interface Restarts {
  /** Relative error of the products: what is left of a direction below this share of T is rounding. */
  readonly noise: number;
  /** A random vector [size], another one for every restart, from 0. */
  readonly direction: (restart: number) => Float64Array;
}

/**
 * One Lanczos step after another from the start vector [size], which need not have unit length;
 * `onStep` sees the tridiagonal so far and says whether to continue. An exhausted Krylov space
 * (beta = 0) holds one vector of each eigenspace. The iteration ends there, or with `restarts`
 * continues orthogonally to it, where further vectors of the same eigenspaces appear.
 */
export function* lanczosSteps(
  start: Float64Array,
  maxSteps: number,
  onStep: (t: Tridiagonal) => boolean,
  restarts?: Restarts,
): ProductMethod<Tridiagonal> {
  const length = norm(start);
  if (!(length > 0)) throw new Error('Lanczos needs a start vector that is not zero');
  const basis = [scaled(1 / length, start)];
  const [alphas, betas, exhausted]: [number[], number[], number[]] = [[], [], []];
  const steps = Math.min(maxSteps, start.length);
  let scale = 0;
  for (let k = 0; k < steps; k++) {
    const w = yield basis[k]!;
    alphas.push(dot(w, basis[k]!));
    axpy(-alphas[k]!, basis[k]!, w);
    if (k > 0) axpy(-betas[k - 1]!, basis[k - 1]!, w);
    const beta = orthogonalise(w, basis);
    if (!Number.isFinite(beta))
      throw new Error(`the product of Lanczos step ${k + 1} is not finite`);
    scale = Math.max(scale, Math.abs(alphas[k]!), beta);
    const noise = restarts?.noise ?? float64Noise;
    const ended = beta <= noise * scale || beta < smallestLength || k + 1 === start.length;
    betas.push(beta);
    if (ended) exhausted.push(k + 1);
    if (!onStep({ alphas, betas, basis, exhausted }) || (ended && !restarts)) break;
    if (k + 1 === steps) break;
    basis.push(ended ? fresh(restarts!, exhausted.length - 1, basis) : rescale(1 / beta, w));
  }
  return { alphas, betas, basis, exhausted };
}

function fresh(
  { direction }: Restarts,
  restart: number,
  basis: readonly Float64Array[],
): Float64Array {
  const vector = direction(restart).slice();
  return rescale(1 / orthogonalise(vector, basis), vector);
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
    const stop = t.exhausted.length > 0 ? 'exhausted' : converged ? 'converged' : 'step-limit';
    result = { eigenvalue, residual, iterations: t.alphas.length, converged, stop };
    return !converged;
  });
  return { result: result!, vector: () => ritzVector(last, ritzValues(last)[0]!) };
}
