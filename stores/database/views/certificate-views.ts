/** The views of certificates, and of the solver of implicit networks. */
import {
  certificateSeries,
  solverSeries,
} from '../../../experiment/catalogue/series/certificate.js';
import { contradictionSeries } from '../../../experiment/catalogue/series/strongest.js';
import { curve, entryOfRun, experiment, seriesPart, t } from './keys.js';
import { seriesColumns, seriesIn } from './series-columns.js';
import { key, type ViewSource } from './view.js';

const name = key('certificate', entryOfRun, 'Its name in the experiment file.');
const images = key(
  'images',
  `(r."spec"->>'images')::integer`,
  'Number of test images that the values are computed from.',
);
const radius = key(
  'epsilon',
  `${seriesPart(3)}::double precision`,
  'Radius of the ball in linf, in [0,1] pixel units.',
);
const families = Object.keys(certificateSeries).join('|');

export const certificateViews: readonly ViewSource[] = [
  {
    name: 'v1_certificates',
    comment:
      'One row per experiment, curve, certificate, method, radius and t: the images that no perturbation can have misclassified.',
    kinds: ['certificate'],
    metrics: `m."series" ~ '^(${families}):'`,
    groupBy: ['er."name"'],
    columns: [
      ...[experiment, curve, name],
      key('method', seriesPart(2), 'box, relative or lipschitz.'),
      radius,
      ...[images, t],
      ...seriesColumns(certificateSeries, { beforeRun: 2 }),
    ],
  },
  {
    name: 'v1_solvers',
    comment: 'One row per experiment, curve, certificate and t: the solver of the implicit layer.',
    kinds: ['certificate'],
    metrics: seriesIn(solverSeries),
    groupBy: ['er."name"'],
    columns: [
      ...[experiment, curve, name, images, t],
      ...seriesColumns(solverSeries, { beforeRun: 3 }),
    ],
  },
  {
    name: 'v1_contradictions',
    comment:
      'One row per experiment, curve, certificate, radius and t: certified images that an attack has misclassified.',
    kinds: ['strongest'],
    metrics: `m."series" LIKE 'certified\\_broken:%'`,
    columns: [
      ...[experiment, curve],
      key('certificate', seriesPart(2), 'Its name in the experiment file.'),
      radius,
      t,
      ...seriesColumns(contradictionSeries, { beforeRun: 1 }),
    ],
  },
];
