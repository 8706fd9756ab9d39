/**
 * The cross-entropy of one image to second order in the image: how steep it is, how that lies to the
 * top eigenvector, and how it bends along the sign of the gradient, the worst first-order step in
 * the l-infinity ball. All from the Jacobian of the logits, in float64.
 */
import type { ImageJacobian } from './gauss-newton.js';
import { axpy, dot, norm } from './vectors.js';

export interface ImageGradient {
  /** Cross-entropy, nats. */
  readonly nll: number;
  /** Of it, in the pixels [size]. */
  readonly gradient: Float64Array;
}

export interface Expansion {
  readonly nll: number;
  /** ||g||_1 and ||g||_2. */
  readonly gradientL1: number;
  readonly gradientL2: number;
  /** c = |<g, v>| / ||g||_2 with the top eigenvector v, in [0, 1]; not a number where g is 0. */
  readonly alignment: number;
  /** s^T H s with s = sign(g); null where it was not asked for. */
  readonly signCurvature: number | null;
}

/** g = J^T (p - y); a row that is missing from all of J does not matter, since p - y sums to 0. */
export function imageGradientOf(
  { rows, probabilities }: ImageJacobian,
  label: number,
): ImageGradient {
  const others = probabilities.reduce((sum, p, c) => (c === label ? sum : sum + p), 0);
  const gradient = new Float64Array(rows[0]!.length);
  // As minus the sum of the others: where the network is sure, p - 1 has lost its digits.
  rows.forEach((row, c) => axpy(c === label ? -others : probabilities[c]!, row, gradient));
  const nll = others < 0.5 ? -Math.log1p(-others) : -Math.log(probabilities[label]!);
  return { nll, gradient };
}

/** With the top eigenvector [size] of unit length, and H s if it is at hand. */
export function expansionOf(
  { nll, gradient }: ImageGradient,
  topVector: Float64Array,
  signProduct: Float64Array | null,
): Expansion {
  const gradientL2 = norm(gradient);
  return {
    nll,
    gradientL1: gradient.reduce((sum, value) => sum + Math.abs(value), 0),
    gradientL2,
    alignment: Math.abs(dot(gradient, topVector)) / gradientL2,
    signCurvature: signProduct && dot(signs(gradient), signProduct),
  };
}

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
