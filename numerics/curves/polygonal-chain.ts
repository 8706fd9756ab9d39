/** Polygonal chains: hat functions of the control points, equal parameter time per segment. */

/**
 * h_k(t) = max(0, 1 - |t (n-1) - k|) for k = 0 … n-1 (Garipov et al. 2018, eq. 3).
 * Non-negative, and they add up to 1; the chain passes through point k at t = k / (n-1).
 */
export function hats(controlPoints: number, t: number): number[] {
  const position = t * (controlPoints - 1);
  return Array.from({ length: controlPoints }, (_, k) => Math.max(0, 1 - Math.abs(position - k)));
}
