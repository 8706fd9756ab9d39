/** Ascents of one loss from several starts together: do they find the same value, and the same maximum? */
import { mean, standardDeviation } from 'simple-statistics';
import { dot } from './ball.js';

/** Standard deviation over the starts of the losses they reach, relative to their mean; 0 where all are 0. */
export function relativeSpread(losses: readonly number[]): number {
  const centre = mean([...losses]);
  return centre === 0 ? 0 : standardDeviation([...losses]) / Math.abs(centre);
}

/** Cosine between perturbations above which they count as the same. */
const sameDirection = 0.99;

/**
 * Fraction of the starts whose perturbation has a cosine of at least 0.99 with that of the start which reaches the highest loss
 * (itself among them). A perturbation of zero is the same as another of zero only.
 */
export function shareAtBest(
  losses: readonly number[],
  perturbations: readonly ArrayLike<number>[],
): number {
  const best = perturbations[losses.indexOf(Math.max(...losses))]!;
  const same = perturbations.filter((one) => one === best || cosine(one, best) >= sameDirection);
  return same.length / perturbations.length;
}

/** Cosine of two vectors; 1 where both are zero, 0 where one is. */
function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [ab, aa, bb] = [dot(a, b), dot(a, a), dot(b, b)];
  if (aa === 0 || bb === 0) return aa === bb ? 1 : 0;
  return ab / Math.sqrt(aa * bb);
}
