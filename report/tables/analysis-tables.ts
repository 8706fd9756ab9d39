/** Tables of the analyses of a path: barriers, correlations with their intervals, the ensemble. */
import { hasOwn } from '../../experiment/own.js';
import {
  certifiedError,
  predictors,
  type Correlation,
  type Predictor,
} from '../../experiment/catalogue/series/summary.js';
import { fixed } from '../numbers.js';
import { explainFailure } from '../view/failed-checks.js';
import type { Note, ResultsTable } from './table.js';
import type {
  AttackView,
  CurveView,
  EnsembleView,
  ExperimentView,
  PathView,
  SeriesMap,
} from '../view/records.js';

type Statistics = PathView['statistics'];

const clean = [
  ['test_error', 'test error %', 2],
  ['test_nll', 'test nll', 4],
] as const;

const attacked = [
  ['robust_error', 'error %', 2],
  ['robust_nll', 'nll', 4],
] as const;

export function barrierTable({ name, fitted, line }: CurveView): ResultsTable {
  const barrierRow = (statistics: Statistics, label: string, series: string, decimals: number) => {
    const value = (statistic: string) => statistics[`${series}.${statistic}`];
    if (value('barrier') === undefined) return [];
    const [over, at, overMean, atMean] = [
      ...[value('barrier'), value('barrier_at')],
      ...[value('barrier_over_mean'), value('barrier_over_mean_at')],
    ];
    return [
      [label, fixed(over, decimals), fixed(at, 2), fixed(overMean, decimals), fixed(atMean, 2)],
    ];
  };
  const ofAttacks = fitted.attacks.flatMap((attack) =>
    attacked.flatMap(([series, label, decimals]) => {
      const name = `${attack.name}.${series}`;
      const [row] = barrierRow(fitted.statistics, `${attack.name} ${label}`, name, decimals);
      return row ? [{ row, attack }] : [];
    }),
  );
  const ofClean = (path: PathView, suffix: string) =>
    clean.flatMap(([series, label, decimals]) =>
      barrierRow(path.statistics, `${label}${suffix}`, series, decimals),
    );
  const ofFitted = ofClean(fitted, '');
  const ofCertificates = fitted.certificates.flatMap(({ name, methods, epsilons }) =>
    methods.flatMap((method) =>
      epsilons.flatMap((epsilon) => {
        const series = `${name}.${certifiedError}:${method}:${epsilon}`;
        const label = `${name} ${method}, ε ${epsilon}: not certified %`;
        return barrierRow(fitted.statistics, label, series, 2);
      }),
    ),
  );
  return {
    title: `${name}: barriers, above the line between the ends and above their mean`,
    head: ['series', 'above line', 'at t', 'above mean', 'at t'],
    rows: [
      ...ofFitted,
      ...ofAttacks.map(({ row }) => row),
      ...ofCertificates,
      ...(line ? ofClean(line, ' (straight line)') : []),
    ],
    notes: notesOnRows(
      [...ofFitted.map(() => null), ...ofAttacks.map(({ attack }) => attack)],
      [1, 3],
    ),
  };
}

/** Names for people. */
const predictorNames: Readonly<Record<Predictor, string>> = {
  eigenvalue_mean: 'mean top eigenvalue',
  mean_hessian_eigenvalue: 'top of mean Hessian',
  published_eigenvalue: 'published eigenvalue (unconverged)',
  gradient_l1_mean: '‖g‖₁',
  gradient_l2_mean: '‖g‖₂',
  first_order_nll_mean: 'first-order prediction',
  second_order_nll_mean: 'second-order prediction',
};

function predictorName(series: Predictor): string {
  return predictorNames[series];
}

export function associationTable({ name, fitted }: CurveView): ResultsTable {
  const { statistics } = fitted;
  const cell = (attack: string, correlation: Correlation, predictor: Predictor): string => {
    const key = `${attack}.${correlation}.${predictor}`;
    if (statistics[key] === undefined) return fixed(null, 2);
    return withInterval(statistics[key], statistics[`${key}.low`], statistics[`${key}.high`]);
  };
  const pairs = fitted.attacks.flatMap((attack) =>
    predictors
      .filter((predictor) => hasOwn(statistics, `${attack.name}.pearson.${predictor}`))
      .map((predictor) => ({ attack, predictor })),
  );
  const rows = pairs.map(({ attack, predictor }) => [
    `${attack.name}: ${predictorName(predictor)}`,
    ...(['pearson', 'spearman', 'partial'] as const).map((c) => cell(attack.name, c, predictor)),
    fixed(attack.correlationPoints, 0),
  ]);
  return {
    title: `${name}: correlation of robust nll along t with 95 % intervals by bootstrap over t (partial: given ‖g‖₁)`,
    head: ['robust nll with', 'Pearson', 'Spearman', 'partial', 'n'],
    rows,
    notes: notesOnRows(
      pairs.map(({ attack }) => attack),
      [1, 2, 3],
    ),
  };
}

function withInterval(
  value: number,
  low: number | undefined,
  high: number | undefined,
  decimals = 2,
): string {
  return `${fixed(value, decimals)} [${fixed(low, decimals)}, ${fixed(high, decimals)}]`;
}

export function ensembleTable({ name, fitted }: CurveView): ResultsTable {
  const head = ['', 'clean error %', 'attacked error %', 'ensemble under its attack %'];
  const view = fitted.ensemble;
  const series = view?.series ?? {};
  const whole = ofAll(series, 'ensemble_error');
  if (!view || whole === undefined) return { title: name, head, rows: [] };
  const members = (series['member_error'] ?? []).map(({ x, value }, i) => [
    `member at t = ${fixed(x, 2)}`,
    fixed(value, 2),
    fixed(series['member_robust_error']?.[i]?.value, 2),
    fixed(series['ensemble_transfer_error']?.[i]?.value, 2),
  ]);
  const robust = ofAll(series, 'ensemble_robust_error');
  const together = ['ensemble', fixed(whole, 2), fixed(robust, 2), fixed(robust, 2)];
  const drawn = ['drawn_member_error', 'drawn_member_robust_error'].map((of) => ofAll(series, of));
  // The ensemble's own attack is another one.
  const drawnCells = [...drawn, undefined].map((value) => fixed(value, 2));
  const drawnRows = drawn[0] === undefined ? [] : [['a member drawn at random', ...drawnCells]];
  const rows = [...members, together, ...drawnRows];
  return { title: ensembleTitle(name, view), head, rows };
}

/** The value of a series that has no axis. */
function ofAll(series: SeriesMap, name: string): number | undefined {
  return series[name]?.[0]?.value;
}

function ensembleTitle(name: string, { images, attack, published, series }: EnsembleView): string {
  const disagreement = fixed(ofAll(series, 'ensemble_disagreement'), 2);
  const how = published ? 'sum of logits over members − 1' : 'mean of the softmax outputs';
  const under = attack === null ? '' : `; ${attack} against each member, and against the ensemble`;
  return `${name}: ensemble (${how}) over the first ${images} test images${under}. Two members disagree on ${disagreement} % of them`;
}

/** One row for each curve and attack. */
export function correlationTable({ curves }: ExperimentView): ResultsTable {
  const found = curves.flatMap(({ name, fitted: { attacks } }) =>
    attacks.flatMap((attack) => (attack.correlationPoints === null ? [] : [{ name, attack }])),
  );
  return {
    title: 'Robust nll against mean top eigenvalue',
    head: ['path', 'attack', 'Pearson', 'Spearman', 'n'],
    rows: found.map(({ name, attack }) => [
      ...[name, attack.name],
      ...[fixed(attack.pearson, 3), fixed(attack.spearman, 3)],
      fixed(attack.correlationPoints, 0),
    ]),
    notes: notesOnRows(
      found.map(({ attack }) => attack),
      [2, 3],
    ),
  };
}

/** Notes on these columns of the rows whose attack failed a check; null: a row without an attack. */
function notesOnRows(
  attacks: readonly (AttackView | null)[],
  columns: readonly number[],
): readonly Note[] {
  const notes = new Map<string, Note>();
  attacks.forEach((attack, row) => {
    for (const check of attack?.checks ?? []) {
      const text = `${attack!.name}: ${explainFailure(check)}`;
      const cells = columns.map((column) => ({ row, column }));
      notes.set(text, { text, cells: [...(notes.get(text)?.cells ?? []), ...cells] });
    }
  });
  return [...notes.values()];
}
