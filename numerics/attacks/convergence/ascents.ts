/** What ascents of the same loss from several starts say together: is its maximum found, and is it one maximum? */
import { mean, standardDeviation } from 'simple-statistics';

/**
 * Number of steps after which the relative FOSC is first at or below the tolerance; infinite where it never is. The
 * trace begins with the start itself.
 */
export function stepsToStationary(relativeFosc: ArrayLike<number>, tolerance: number): number {
  const reached = Array.from(relativeFosc).findIndex((value) => value <= tolerance);
  return reached === -1 ? Infinity : reached;
}

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
  perturbations: readonly Float32Array[],
): number {
  const best = perturbations[losses.indexOf(Math.max(...losses))]!;
  const same = perturbations.filter((one) => one === best || cosine(one, best) >= sameDirection);
  return same.length / perturbations.length;
}

function cosine(a: Float32Array, b: Float32Array): number {
  const [ab, aa, bb] = [dot(a, b), dot(a, a), dot(b, b)];
  if (aa === 0 || bb === 0) return aa === bb ? 1 : 0;
  return ab / Math.sqrt(aa * bb);
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
