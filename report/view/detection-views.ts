/** The detections of a curve as records. */
import type { ExperimentConfig } from '../../experiment/experiment.js';
import { toNumber } from '../../experiment/fraction-text.js';
import { detectedAttacks, detectedImages } from '../../experiment/kinds/parts/detected.js';
import { sourceName } from '../../experiment/specs/run-name.js';
import type { DetectionView, SeriesMap } from './records.js';

type Detection = NonNullable<ExperimentConfig['detections']>[string];

/** In the order of their names; `seriesOf` has what a finished detection measured. */
export function detectionViews(
  config: ExperimentConfig,
  seriesOf: (name: string) => SeriesMap,
): readonly DetectionView[] {
  return Object.entries(config.detections ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, asked]) => ({
      ...{ name, what: `${describe(asked)} in ${asked.space}` },
      images: detectedImages(config, asked),
      radii: radiiOf(config, asked),
      series: seriesOf(name),
    }));
}

function describe(asked: Detection): string {
  switch (asked.estimator) {
    case 'nearest':
      return `mean ${asked.norm === 'l2' ? 'ℓ2' : 'ℓ∞'} distance to ${asked.k} neighbours`;
    case 'lle':
      return `LLE residual of ${asked.k} neighbours`;
    case 'pca':
      return 'PCA residual';
    case 'local-pca':
      return `residual of ${asked.components} components of ${asked.k} neighbours`;
    case 'kernel-density':
      return 'negative log-density';
    default:
      throw new Error(`unknown estimator ${JSON.stringify(asked satisfies never)}`);
  }
}

/** The entry of the file of which the most radii were made; fewer than two are no axis. */
function radiiOf(config: ExperimentConfig, asked: Detection): DetectionView['radii'] {
  const bySource = new Map<string, { source: string; epsilon: number }[]>();
  for (const source of detectedAttacks(config, asked)) {
    const epsilon = toNumber(config.attacks[source]!.epsilon);
    const entry = sourceName(source);
    const known = bySource.get(entry) ?? [];
    if (known.some((one) => one.epsilon === epsilon)) continue;
    bySource.set(entry, [...known, { source, epsilon }]);
  }
  const [most = []] = [...bySource.values()].sort((a, b) => b.length - a.length);
  return most.length < 2 ? [] : most.sort((a, b) => a.epsilon - b.epsilon);
}
