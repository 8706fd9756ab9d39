/** The images by which an evaluation sees whether injected faults are still there. */
import type { SeriesName } from '../../../experiment/kinds/series.js';
import type { RunInput } from '../../../experiment/records/records.js';
import { row } from '../../../experiment/records/rows.js';
import type { LabelledImages } from '../../../experiment/records/labelled-images.js';
import type { EngineContext } from '../../toolkit/context.js';
import type { FurtherSet } from './further-set.js';
import { faultImages, loadFaults } from '../../toolkit/faults-artifact.js';

const role = 'injection:';

/** Two sets for each injected endpoint among the inputs: images with a wrong target, and all. */
export async function injectionSets(
  context: EngineContext,
  test: LabelledImages,
  inputs: readonly RunInput[],
): Promise<readonly FurtherSet[]> {
  const sets: FurtherSet[] = [];
  for (const input of inputs.filter((one) => one.role.startsWith(role))) {
    const endpoint = input.role.slice(role.length);
    const ref = input.outputs['injection'];
    if (ref === undefined) throw new Error(`${input.run} has no injection; it injected nothing`);
    const faults = await loadFaults(context, ref);
    sets.push(
      asTargets(faultImages(test, faults, 'wrong'), `injection_success:${endpoint}`),
      asTargets(faultImages(test, faults, 'all'), `injection_stealth:${endpoint}`),
    );
  }
  return sets;
}

/** Fraction of the images classified as their targets. */
function asTargets(images: LabelledImages, series: SeriesName<'evaluation'>): FurtherSet {
  return {
    images,
    rows: (t, { error, n }) => [row('evaluation', series, { x: t, n }, 100 - error)],
  };
}
