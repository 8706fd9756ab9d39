/** The view of ascents on random two-layer networks. */
import { twoLayerSeries } from '../../../experiment/catalogue/series/two-layer.js';
import { experiment, name } from './keys.js';
import { seriesColumns } from './series-columns.js';
import { key, type ViewSource } from './view.js';

export const twoLayerView: ViewSource = {
  name: 'v1_two_layer',
  comment: 'One row per experiment and run of ascents on random two-layer networks.',
  kinds: ['two-layer'],
  columns: [
    ...[experiment, name],
    key('activation', `r."spec"->>'activation'`),
    key('step', `r."spec"->>'step'`, 'fixed, or proportional to the scale.'),
    key('scale', `(r."spec"->>'scale')::float8`, 'Length of the input.'),
    key('networks', `(r."spec"->>'networks')::integer`),
    ...seriesColumns(twoLayerSeries, { beforeRun: Object.keys(twoLayerSeries).length }),
  ],
};
