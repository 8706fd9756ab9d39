/** Bezier curves: the Bernstein polynomials of the control points (Garipov et al. 2018, eq. 4). */

/**
 * B_k(t) = C(n-1, k) t^k (1-t)^(n-1-k) for k = 0 … n-1, n control points, both ends included.
 * Non-negative, and they add up to 1.
 */
export function bernstein(controlPoints: number, t: number): number[] {
  const degree = controlPoints - 1;
  const coefficients: number[] = [];
  let binomial = 1;
  for (let k = 0; k <= degree; k++) {
    coefficients.push(binomial * t ** k * (1 - t) ** (degree - k));
    binomial = (binomial * (degree - k)) / (k + 1);
  }
  return coefficients;
}
