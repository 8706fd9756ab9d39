/** How often a measurement at one t pauses, for progress. */
import type { DetectionSpec } from '../../../experiment/kinds/detection.js';
import { pointsAtOnce } from '../../../numerics/detection/detector.js';

export function countBatches(spec: DetectionSpec): number {
  const { attacks, backdoors, adaptive } = spec;
  const [all, held] = [spec.images, spec.calibration].map(parts) as [number, number];
  // Points, and their distances; to the manifolds of both ends as well.
  const visits = spec.space === 'pixels' ? 2 : 4;
  const sources = attacks.length + backdoors.length;
  const noise = sources * 3 * all;
  const lambdas = adaptive?.lambdas.length ?? 0;
  const ascents = lambdas * (adaptive?.steps ?? 0) * all;
  return (
    parts(spec.references) + visits * (all + held + (sources + lambdas) * all) + noise + ascents
  );
}

function parts(count: number): number {
  return Math.ceil(count / pointsAtOnce);
}
