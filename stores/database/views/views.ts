/** The public views: every series of the catalogue is a column of one of them. */
import { attackSeries } from '../../../experiment/catalogue/series/attack.js';
import { memberSeries, wholeSeries } from '../../../experiment/catalogue/series/ensemble.js';
import type { SeriesTable } from '../../../experiment/catalogue/series/entry.js';
import { evaluationSeries } from '../../../experiment/catalogue/series/evaluation.js';
import { probeSeries } from '../../../experiment/catalogue/series/probe.js';
import {
  gradientSeries,
  inputSpectrumSeries,
  weightSpectrumSeries,
} from '../../../experiment/catalogue/series/spectrum.js';
import { transferSeries } from '../../../experiment/catalogue/series/transfer.js';
import type { RunKind } from '../../../experiment/kinds/index.js';
import { seriesTables } from '../../../experiment/kinds/series.js';
import { convergenceView } from './convergence-view.js';
import { detectionView } from './detection-view.js';
import { certificateViews } from './certificate-views.js';
import { curve, entryOfRun, experiment, familyMember, name, path, t } from './keys.js';
import { selectSeries, seriesColumns, seriesIn } from './series-columns.js';
import { strongestView } from './strongest-view.js';
import { summaryViews } from './summary-views.js';
import { trainingViews } from './training-views.js';
import { twoLayerView } from './two-layer-view.js';
import { recordViews } from './record-views.js';
import {
  buildRecordView,
  buildView,
  key,
  type View,
  type ViewColumn,
  type ViewSource,
} from './view.js';

const testImages = key(
  'images',
  `(r."spec"->>'images')::integer`,
  'Number of test images that the values are computed from.',
);
const isOnInputs = `r."spec"->>'variable' = 'inputs'`;

const plain = selectSeries(evaluationSeries, ({ family }) => family === undefined);
const tampering = selectSeries(evaluationSeries, ({ family }) => family === 'named');
export const sources: readonly ViewSource[] = [
  {
    name: 'v1_curve_points',
    comment:
      'One row per experiment, curve, path and t: the clean evaluation of the weights there.',
    kinds: ['evaluation'],
    columns: [experiment, curve, path, t, ...seriesColumns(plain, { beforeRun: 7 })],
  },
  {
    name: 'v1_tampering',
    comment:
      'One row per experiment, run, t and backdoor or injected endpoint: how often the tampering works there.',
    kinds: ['evaluation'],
    metrics: `m."series" ~ '^(${Object.keys(tampering).join('|')})(:|$)'`,
    columns: [
      ...[experiment, name, curve, path, t],
      key(
        'source',
        familyMember,
        'The backdoor or the injected endpoint; null for the only backdoor.',
      ),
      ...seriesColumns(tampering, { beforeRun: 3 }),
    ],
  },
  {
    name: 'v1_attacks',
    comment:
      'One row per experiment, curve, attack and t: the same images before and after the attack, and its validity checks.',
    kinds: ['attack'],
    groupBy: ['er."name"'],
    columns: [
      ...[experiment, curve],
      key('attack', entryOfRun, 'Its name in the experiment file.'),
      key('norm', `r."spec"->>'norm'`),
      key(
        'epsilon',
        `(r."spec"->>'epsilon')::double precision`,
        'Radius of the ball, in [0,1] pixel units.',
      ),
      key('steps', `(r."spec"->>'steps')::integer`),
      ...[testImages, t],
      ...seriesColumns(attackSeries, { beforeRun: 4 }),
    ],
  },
  strongestView,
  convergenceView,
  ...certificateViews,
  {
    name: 'v1_spectra',
    comment:
      'One row per experiment, curve and t: the largest eigenvalue of the input Hessian of the cross-entropy, over images.',
    kinds: ['spectrum'],
    runs: isOnInputs,
    columns: [
      experiment,
      curve,
      testImages,
      t,
      ...seriesColumns(inputSpectrumSeries, { beforeRun: 8 }),
    ],
  },
  {
    name: 'v1_weight_spectra',
    comment:
      'One row per experiment, curve and t: the weight Hessian of the cross-entropy over a set of images, without weight decay.',
    kinds: ['spectrum'],
    runs: `r."spec"->>'variable' = 'weights'`,
    columns: [
      ...[experiment, curve],
      key('split', `r."spec"->>'split'`, 'The set whose first images are taken: train or test.'),
      key(
        'images',
        `(r."spec"->>'images')::integer`,
        'Number of images that the loss is computed from.',
      ),
      key('reduction', `r."spec"->>'reduction'`, 'mean: the loss is the mean over the images.'),
      t,
      ...seriesColumns(weightSpectrumSeries, {
        beforeRun: 7,
        names: {
          weight_eigenvalue_max: 'largest',
          weight_eigenvalue_min: 'smallest',
          weight_trace: 'trace',
          weight_trace_error: 'trace_error',
          weight_lanczos_steps: 'lanczos_steps',
          weight_residual_max: 'residual_max',
          weight_converged: 'converged',
          weight_eigenvalue_max_error: 'largest_error',
          weight_eigenvalue_min_error: 'smallest_error',
          weight_settled: 'settled',
        },
      }),
    ],
  },
  {
    name: 'v1_gradients',
    comment:
      'One row per experiment, curve and t: the gradient of the cross-entropy in the pixels, and the loss that it and the Hessian predict.',
    kinds: ['spectrum'],
    runs: `${isOnInputs} AND (r."spec" ? 'gradients' OR r."spec" ? 'prediction')`,
    columns: [
      ...[experiment, curve, testImages],
      key(
        'epsilon',
        `(r."spec"->'prediction'->>'epsilon')::double precision`,
        'Of the predictions, in [0,1] pixel units; null without predictions.',
      ),
      t,
      ...seriesColumns(gradientSeries, { beforeRun: 5 }),
    ],
  },
  {
    name: 'v1_transfers',
    comment:
      'One row per experiment, curve, and two places on it: adversarial examples crafted at the one, classified at the other.',
    kinds: ['transfer'],
    columns: [
      ...[experiment, curve, testImages],
      key(
        'crafted_t',
        `split_part(m."series", '@', 2)::double precision`,
        'Where on the fitted curve the attack was crafted.',
      ),
      key('tried_t', 'm."x"', 'Where its adversarial examples were classified.'),
      ...seriesColumns(transferSeries, {
        beforeRun: 2,
        names: { transfer_error: 'error', transfer_nll: 'nll' },
      }),
    ],
  },
  {
    name: 'v1_ensembles',
    comment: 'One row per experiment and curve: the networks at several t as an ensemble.',
    kinds: ['ensemble'],
    columns: [
      ...[experiment, curve],
      key('members', `jsonb_array_length(r."spec"->'t')`),
      testImages,
      ...seriesColumns(wholeSeries, {
        beforeRun: 5,
        names: {
          ensemble_error: 'error',
          ensemble_nll: 'nll',
          ensemble_disagreement: 'disagreement',
          ensemble_robust_error: 'robust_error',
          ensemble_robust_nll: 'robust_nll',
        },
        others: [
          meanOver('member_error', 'member_error_mean'),
          meanOver('ensemble_transfer_error', 'transfer_error_mean'),
        ],
      }),
    ],
  },
  {
    name: 'v1_ensemble_members',
    comment:
      'One row per experiment, curve and member: its own results, and the ensemble under an attack on it.',
    kinds: ['ensemble'],
    metrics: seriesIn(memberSeries),
    columns: [experiment, curve, testImages, t, ...seriesColumns(memberSeries, { beforeRun: 5 })],
  },
  ...trainingViews,
  {
    name: 'v1_probes',
    comment: 'One row per experiment and probe.',
    kinds: ['probe'],
    columns: [experiment, name, ...seriesColumns(probeSeries, { beforeRun: 1 })],
  },
  detectionView,
  ...summaryViews,
  twoLayerView,
];

/** In an order in which they can be created. */
export const views: readonly View[] = [
  ...withDefaultViews(sources).map(buildView),
  ...recordViews.map(buildRecordView),
];

/** And for each kind that no view covers a view of its own: one row per experiment, run and x. */
export function withDefaultViews(known: readonly ViewSource[]): readonly ViewSource[] {
  const covered = new Set(known.flatMap(({ kinds }) => kinds));
  const others = (Object.entries(seriesTables) as [RunKind, SeriesTable][]).filter(
    ([kind, table]) => !covered.has(kind) && Object.keys(table).length > 0,
  );
  return [...known, ...others.map(([kind, table]) => defaultView(kind, table))];
}

function defaultView(kind: RunKind, table: SeriesTable): ViewSource {
  return {
    name: `v1_${kind.replaceAll('-', '_')}`,
    comment: `One row per experiment, ${kind} run and x.`,
    kinds: [kind],
    columns: [
      ...[experiment, name, curve, path],
      key('x', 'm."x"', 'Position of the values: t, step, or 0.'),
      ...seriesColumns(table, { beforeRun: 0 }),
    ],
  };
}

function meanOver(series: keyof typeof memberSeries, column: string): ViewColumn {
  const { description } = memberSeries[series];
  return {
    name: column,
    sql: `avg(m."value") FILTER (WHERE m."series" = '${series}')`,
    comment: `Mean over the members: ${description}.`,
    isKey: false,
  };
}
