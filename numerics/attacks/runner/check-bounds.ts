/** Verifies that adversarial examples obey the threat model: a violation is an error of the attack and ends the run. */
import type { ThreatModel } from '../procedure/attack.js';

/** Throws unless [longest perturbation, least pixel, largest pixel] of a batch lie in the ball and in [0,1]. */
export function checkBounds({ norm, epsilon }: ThreatModel, extremes: Float32Array): void {
  const [longest, smallest, largest] = extremes;
  if (longest! <= epsilon + norm.slack(epsilon) && smallest! >= 0 && largest! <= 1) return;
  throw new Error(
    `adversarial examples violate the threat model: norm ${longest}, epsilon ${epsilon}, pixels ${smallest} to ${largest}`,
  );
}
