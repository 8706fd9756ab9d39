/** Views of trainings: endpoints, steps of the optimiser, and fitted curves. */
import type { SeriesTable } from '../../../experiment/catalogue/series/entry.js';
import {
  curveSeries,
  injectionSeries,
  overfittingSeries,
  quantisationSeries,
  sparsitySeries,
  trainedSeries,
} from '../../../experiment/catalogue/series/training.js';
import { curve, experiment, name } from './keys.js';
import { selectSeries, seriesColumns, seriesIn } from './series-columns.js';
import { key, literal, type ViewSource } from './view.js';

/** Columns keep this order: newer series come last. */
const training: SeriesTable = {
  ...{ ...trainedSeries, ...curveSeries, ...injectionSeries },
  ...overfittingSeries,
  ...quantisationSeries,
};
const steps = selectSeries(training, ({ axis }) => axis === 'step');
const results = selectSeries(training, ({ axis }) => axis === 'none');
const endpointKinds = ['endpoint', 'injection', 'noise', 'curve-point', 'import'] as const;

export const trainingViews: readonly ViewSource[] = [
  {
    name: 'v1_endpoints',
    comment: 'One row per experiment and endpoint: its results on the test set.',
    kinds: endpointKinds,
    columns: [
      experiment,
      key('endpoint', `regexp_replace(er."name", '^[^/]*/', '')`, 'Its name in this experiment.'),
      key(
        'kind',
        'r."kind"',
        'How its weights were made: endpoint, injection, noise, curve-point or import.',
      ),
      ...seriesColumns(results, { beforeRun: 5 }),
    ],
  },
  {
    name: 'v1_training_steps',
    comment: 'One row per experiment, run and step: the objective of a training.',
    kinds: ['endpoint', 'curve', 'injection'],
    metrics: seriesIn(steps),
    columns: [
      ...[experiment, name],
      key('kind', 'r."kind"'),
      key('step', 'm."x"', 'Steps of the optimiser, from 1.'),
      ...seriesColumns(steps, { beforeRun: 3 }),
    ],
  },
  {
    name: 'v1_curves',
    comment: 'One row per experiment and fitted curve.',
    kinds: ['curve'],
    columns: [
      ...[experiment, curve],
      key('family', `r."spec"->>'family'`),
      key('bends', `(r."spec"->>'bends')::integer`),
      ...seriesColumns(
        selectSeries(curveSeries, ({ axis }) => axis === 'none'),
        { beforeRun: 1 },
      ),
    ],
  },
  {
    name: 'v1_sparsity',
    comment:
      'One row per experiment, sparse endpoint, step and tensor of weights (empty: of all together).',
    kinds: ['endpoint'],
    metrics: `split_part(m."series", ':', 1) IN (${Object.keys(sparsitySeries).map(literal).join(', ')})`,
    columns: [
      experiment,
      key('endpoint', `regexp_replace(er."name", '^[^/]*/', '')`, 'Its name in this experiment.'),
      key('tensor', `split_part(m."series", ':', 2)`, 'Name of a tensor of weights.'),
      key('step', 'm."x"', 'Steps of the optimiser, from 1.'),
      ...seriesColumns(sparsitySeries, { beforeRun: 5 }),
    ],
  },
];
