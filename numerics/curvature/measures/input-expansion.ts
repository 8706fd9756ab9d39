/**
 * The cross-entropy of one image to second order in the image: how steep it is, how that lies to the
 * top eigenvector, and how it bends along the sign of the gradient, the worst first-order step in
 * the l-infinity ball. All from the Jacobian of the logits, in float64.
 */
import { absent, quantity, type Quantity } from '../../../experiment/records/quantity.js';
import type { LoggedJacobian } from '../operators/gauss-newton.js';
import { axpy, dot, norm } from '../algorithms/vectors.js';

/** Cross-entropy of one image and its gradient with respect to the pixels. */
export interface ImageGradient {
  /** Cross-entropy, nats. */
  readonly nll: number;
  /** Gradient with respect to the pixels, [size]. */
  readonly gradient: Float64Array;
}

/** Second-order Taylor expansion of the cross-entropy around one image, in nats and pixel units. */
export interface Expansion {
  readonly nll: number;
  /** ||g||_1 and ||g||_2. */
  readonly gradientL1: number;
  readonly gradientL2: number;
  /** c = |<g, v>| / ||g||_2 with the top eigenvector v, in [0, 1]; absent where g or the Hessian is 0. */
  readonly alignment: Quantity;
  /** s^T H s with s = sign(g); null where it was not asked for. */
  readonly signCurvature: number | null;
}

/** g = J^T (p - y); a row that is missing from all of J does not matter, since p - y sums to 0. */
export function inputGradient(
  { rows, probabilities, logProbabilities }: LoggedJacobian,
  label: number,
): ImageGradient {
  const others = probabilities.reduce((sum, p, c) => (c === label ? sum : sum + p), 0);
  const gradient = new Float64Array(rows[0]!.length);
  // As minus the sum of the others: where the network is sure, p - 1 has lost its digits.
  rows.forEach((row, c) => axpy(c === label ? -others : probabilities[c]!, row, gradient));
  const nll = others < 0.5 ? -Math.log1p(-others) : -logProbabilities[label]!;
  return { nll, gradient };
}

/** The largest eigenvalue and its eigenvector v [size], of unit length. */
export interface TopPair {
  readonly eigenvalue: number;
  readonly vector: Float64Array;
}

/** With the top eigenpair, and H s if it is at hand. */
export function expandLoss(
  { nll, gradient }: ImageGradient,
  top: TopPair,
  signProduct: Float64Array | null,
): Expansion {
  return {
    nll,
    gradientL1: gradient.reduce((sum, value) => sum + Math.abs(value), 0),
    gradientL2: norm(gradient),
    alignment: gradientAlignment(gradient, top),
    signCurvature: signProduct && dot(signs(gradient), signProduct),
  };
}

/** Absent for a zero Hessian: Lanczos then returns its start vector, which means nothing. */
function gradientAlignment(gradient: Float64Array, { eigenvalue, vector }: TopPair): Quantity {
  const steepest = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (steepest === 0) return absent('zero-gradient', 1);
  if (eigenvalue === 0) return absent('zero-curvature', 1);
  // Squares of a gradient of 1e-200 underflow; as a multiple of its largest entry they do not.
  const direction = gradient.map((value) => value / steepest);
  return quantity(Math.abs(dot(direction, vector)) / norm(direction), 1);
}

/** sign(g), entry by entry: -1, 0 or 1. */
export function signs(gradient: Float64Array): Float64Array {
  return gradient.map(Math.sign);
}

/** l + ε ||g||_1: the loss at x + ε sign(g) to first order. */
export function firstOrderLoss({ nll, gradientL1 }: Expansion, epsilon: number): number {
  return nll + epsilon * gradientL1;
}

/** l + ε ||g||_1 + ½ ε² s^T H s: the same to second order. */
export function secondOrderLoss(expansion: Expansion, epsilon: number): number {
  return firstOrderLoss(expansion, epsilon) + 0.5 * epsilon ** 2 * expansion.signCurvature!;
}
