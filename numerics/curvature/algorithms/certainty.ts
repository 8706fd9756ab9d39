/** How far Lanczos from single vectors proves the values at one end of a spectrum. */
import type { RitzValue, Tridiagonal } from './ritz.js';

/**
 * `settled`: the residual met the tolerance and no copy of a value further out can be missing, so this
 * is the m-th eigenvalue. `distinct`: the residual met it, so an eigenvalue lies there, but copies of
 * those further out may lie before it. `unconverged`: the residual is larger.
 */
export type Certainty = 'settled' | 'distinct' | 'unconverged';

/** The accuracy asked of eigenvalues, and the one that the products allow; both relative. */
export interface Accuracy {
  /** Largest residual of a converged value, relative to its own |eigenvalue|. */
  readonly tolerance: number;
  /** Relative error of the products: 0 is met to this share of the largest |eigenvalue|, and no better. */
  readonly noise: number;
}

/** The largest |θ|, an estimate of ||A|| from below. */
export function estimateNorm(descending: readonly RitzValue[]): number {
  return Math.max(Math.abs(descending[0]!.eigenvalue), Math.abs(descending.at(-1)!.eigenvalue));
}

/** residual ≤ max(tolerance |θ|, min(tolerance, noise) ||A||): each value by its own size. */
export function isWithin(
  { eigenvalue, residual }: RitzValue,
  norm: number,
  { tolerance, noise }: Accuracy,
): boolean {
  return residual <= Math.max(tolerance * Math.abs(eigenvalue), Math.min(tolerance, noise) * norm);
}

/**
 * How many values of one end, given from the outside inwards, are known with their copies. The s-th
 * exhausted space holds one vector of each eigenspace of at least s dimensions (of a start vector that
 * no eigenvector is orthogonal to, with probability 1): every eigenvalue outside the outermost of the
 * last such space has no further copy. Without an exhausted space only the outermost value is sure of
 * its place; where the spaces fill R^size, all are.
 */
export function knownFromOutside(
  inwards: readonly RitzValue[],
  { alphas, basis, exhausted }: Tridiagonal,
  noise: number,
): number {
  if (alphas.length === basis[0]!.length) return inwards.length;
  const last = inwards.find(({ space }) => space === exhausted.length - 1);
  if (last === undefined) return 1;
  const outwards = Math.sign(inwards[0]!.eigenvalue - inwards.at(-1)!.eigenvalue) || 1;
  const slack = noise * Math.max(...inwards.map(({ eigenvalue }) => Math.abs(eigenvalue)));
  const isOutside = ({ eigenvalue }: RitzValue) =>
    outwards * (eigenvalue - last.eigenvalue) >= -slack;
  return inwards.filter(isOutside).length;
}
