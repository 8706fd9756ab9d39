/** The view of the worst case over attacks on the same images. */
import { strongestSeries } from '../../../experiment/catalogue/series/strongest.js';
import { curve, experiment, seriesPart, t } from './keys.js';
import { seriesColumns } from './series-columns.js';
import { key, type ViewSource } from './view.js';

export const strongestView: ViewSource = {
  name: 'v1_strongest',
  comment:
    'One row per experiment, curve, set of attacks and t: the worst case over attacks on the same images.',
  kinds: ['strongest'],
  metrics: `m."series" LIKE 'strongest%'`,
  columns: [
    ...[experiment, curve],
    key('attacks', seriesPart(2), 'Their names in the experiment file, with + between them.'),
    t,
    ...seriesColumns(strongestSeries, { beforeRun: 1 }),
  ],
};
