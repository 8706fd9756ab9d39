/** The view of detection by distance to a data manifold. */
import { detectionSeries } from '../../../experiment/catalogue/series/detection.js';
import { curve, entryOfRun, experiment, familyMember, t } from './keys.js';
import { seriesColumns } from './series-columns.js';
import { key, type ViewSource } from './view.js';

/** Later series come after the run: columns are only ever added at the end. */
const published = Object.keys(detectionSeries).indexOf('auroc_end');

export const detectionView: ViewSource = {
  name: 'v1_detections',
  comment:
    'One row per experiment, curve, detection, t and source: how well the distance to a data manifold tells attacked from clean images.',
  kinds: ['detection'],
  groupBy: ['er."name"'],
  columns: [
    ...[experiment, curve],
    key('detection', entryOfRun, 'Its name in the experiment file.'),
    key('estimator', `r."spec"->'detector'->>'estimator'`, 'Of the distance.'),
    key('space', `r."spec"->>'space'`, 'Where the manifold lies: pixels, penultimate or logits.'),
    key(
      'source',
      familyMember,
      'The attack, the backdoor, or adaptive- and the weight of the distance; null for the clean images.',
    ),
    t,
    ...seriesColumns(detectionSeries, { beforeRun: published }),
  ],
};
