/** Tables of what a path's summary says: barriers, correlations with their intervals, the ensemble. */
import { hasOwn } from '../../experiment/own.js';
import { predictors, type Correlation } from '../../experiment/catalogue/series/summary.js';
import { fixed } from '../numbers.js';
import type { ResultsTable } from './results-tables.js';
import type { CurveView, EnsembleView, PathView, SeriesMap } from '../view/records.js';

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
  const rowOf = (statistics: Statistics, label: string, series: string, decimals: number) => {
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
    attacked.flatMap(([series, label, decimals]) =>
      rowOf(fitted.statistics, `${attack.name} ${label}`, `${attack.name}.${series}`, decimals),
    ),
  );
  const ofClean = (path: PathView, suffix: string) =>
    clean.flatMap(([series, label, decimals]) =>
      rowOf(path.statistics, `${label}${suffix}`, series, decimals),
    );
  return {
    title: `${name}: barriers, above the line between the ends and above their mean`,
    head: ['series', 'above line', 'at t', 'above mean', 'at t'],
    rows: [
      ...ofClean(fitted, ''),
      ...ofAttacks,
      ...(line ? ofClean(line, ' (straight line)') : []),
    ],
  };
}

/** For people; where a predictor is not here, its series says what it is. */
const predictorNames: Readonly<Record<(typeof predictors)[number], string>> = {
  eigenvalue_mean: 'mean top eigenvalue',
  mean_hessian_eigenvalue: 'top of mean Hessian',
  published_eigenvalue: 'published eigenvalue (unconverged)',
  gradient_l1_mean: '‖g‖₁',
  gradient_l2_mean: '‖g‖₂',
  first_order_nll_mean: 'first-order prediction',
  second_order_nll_mean: 'second-order prediction',
};

export function predictorName(series: string): string {
  return (predictorNames as Readonly<Record<string, string>>)[series] ?? series;
}

export function associationTable({ name, fitted }: CurveView): ResultsTable {
  const { statistics } = fitted;
  const cell = (attack: string, correlation: Correlation, predictor: string): string => {
    const key = `${attack}.${correlation}.${predictor}`;
    if (statistics[key] === undefined) return fixed(null, 2);
    return withInterval(statistics[key], statistics[`${key}.low`], statistics[`${key}.high`]);
  };
  const rows = fitted.attacks.flatMap((attack) =>
    predictors
      .filter((predictor) => hasOwn(statistics, `${attack.name}.pearson.${predictor}`))
      .map((predictor) => [
        `${attack.name}: ${predictorName(predictor)}`,
        ...(['pearson', 'spearman', 'partial'] as const).map((c) =>
          cell(attack.name, c, predictor),
        ),
        fixed(attack.correlationPoints, 0),
      ]),
  );
  return {
    title: `${name}: correlation of robust nll along t with 95 % intervals by bootstrap over t (partial: given ‖g‖₁)`,
    head: ['robust nll with', 'Pearson', 'Spearman', 'partial', 'n'],
    rows,
  };
}

export function withInterval(
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

/** Of a series that has no axis. */
function ofAll(series: SeriesMap, name: string): number | undefined {
  return series[name]?.[0]?.value;
}

function ensembleTitle(name: string, { images, attack, published, series }: EnsembleView): string {
  const disagreement = fixed(ofAll(series, 'ensemble_disagreement'), 2);
  const how = published ? 'sum of logits over members − 1' : 'mean of the softmax outputs';
  const under = attack === null ? '' : `; ${attack} against each member, and against the ensemble`;
  return `${name}: ensemble (${how}) over the first ${images} test images${under}. Two members disagree on ${disagreement} % of them`;
}
