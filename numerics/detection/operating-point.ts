/** Thresholds on the scores of clean images, and the share of images above them. */

/**
 * The lowest of the clean scores [n] that at most a share `rate` of them exceeds: what lies above it is flagged. NaN where
 * there is no score, or one is NaN.
 */
export function thresholdAt(clean: Float32Array, rate: number): number {
  if (clean.some(Number.isNaN)) return NaN;
  const descending = clean.slice().sort().reverse();
  return descending[Math.floor(rate * clean.length)] ?? NaN;
}

/** How many of the scores [n] lie above the threshold. */
export function countAbove(scores: Float32Array, threshold: number): number {
  return scores.reduce((count, score) => count + (score > threshold ? 1 : 0), 0);
}
