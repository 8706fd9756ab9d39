/** The tables of an experiment's results as plain rows: what the terminal and the page both show. */
import { summaryNames, type SummaryStatistic } from '../../experiment/catalogue/series/summary.js';
import { column, fixed } from '../numbers.js';
import type {
  CurveView,
  EndpointView,
  ExperimentView,
  PathView,
  Point,
  SeriesMap,
} from '../view/records.js';

export interface ResultsTable {
  readonly title: string;
  /** Column heads; the first column holds names or t, the others numbers. */
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Numbers, and signs for a number that is not there. */
export function isNumeric({ rows }: ResultsTable, column: number): boolean {
  const number = /^(?:[-−]?[\d.]+(?:e[-+]?\d+)?|–|NaN|[-−]?∞)$/;
  return rows.every((row) => number.test(row[column] ?? ''));
}

interface Column {
  readonly head: string;
  readonly points: readonly Point[];
  readonly decimals?: number;
}

export function pathTable(curve: CurveView): ResultsTable {
  const columns = pathColumns(curve).filter(({ points }) => points.length > 0);
  const grid = [...new Set(columns.flatMap(({ points }) => points.map(({ x }) => x)))];
  grid.sort((a, b) => a - b);
  const cells = columns.map(({ points, decimals }) => {
    const byX = new Map(points.map(({ x, value }) => [x, value]));
    return column(
      grid.map((x) => byX.get(x)),
      decimals,
    );
  });
  const ts = column(grid, decimalsOfT(grid));
  return {
    title: `${curve.name}: ${describeCurve(curve)}`,
    head: ['t', ...columns.map(({ head }) => head)],
    rows: grid.map((_, row) => [ts[row]!, ...cells.map((values) => values[row]!)]),
  };
}

/** As many as tell every t exactly, from 2 to 4. */
function decimalsOfT(grid: readonly number[]): number {
  const exact = (decimals: number): boolean =>
    grid.every((t) => Math.abs(t - Number(t.toFixed(decimals))) < 1e-9);
  return [2, 3].find(exact) ?? 4;
}

export function describeCurve({ from, to, family, bends }: CurveView): string {
  const how = family === 'bezier' ? 'Bézier curve' : 'polygonal chain';
  return `${how} with ${bends} bend${bends === 1 ? '' : 's'} from ${from} to ${to}`;
}

function pathColumns({ fitted, line }: CurveView): Column[] {
  const of = (series: SeriesMap, name: string): readonly Point[] => series[name] ?? [];
  const many = fitted.attacks.length > 1;
  const inputs = fitted.spectrum?.series ?? {};
  const weights = fitted.weightSpectrum?.series ?? {};
  return [
    { head: 'test error %', points: of(fitted.evaluation, 'test_error'), decimals: 2 },
    { head: 'test loss', points: of(fitted.evaluation, 'test_loss'), decimals: 4 },
    { head: 'test nll', points: of(fitted.evaluation, 'test_nll'), decimals: 4 },
    ...namedColumns(fitted.evaluation),
    ...fitted.attacks.flatMap(({ name, series }): Column[] => [
      {
        head: many ? `${name} error %` : 'robust error %',
        points: of(series, 'robust_error'),
        decimals: 2,
      },
      { head: many ? `${name} nll` : 'robust nll', points: of(series, 'robust_nll'), decimals: 4 },
    ]),
    { head: 'mean top eigenvalue', points: of(inputs, 'eigenvalue_mean') },
    { head: 'published eigenvalue (unconverged)', points: of(inputs, 'published_eigenvalue') },
    { head: 'top of mean Hessian', points: of(inputs, 'mean_hessian_eigenvalue') },
    { head: 'largest weight eigenvalue', points: of(weights, 'weight_eigenvalue_max') },
    { head: 'largest ±', points: of(weights, 'weight_eigenvalue_max_error') },
    { head: 'smallest weight eigenvalue', points: of(weights, 'weight_eigenvalue_min') },
    { head: 'smallest ±', points: of(weights, 'weight_eigenvalue_min_error') },
    { head: 'weight trace', points: of(weights, 'weight_trace') },
    { head: 'line error %', points: of(line?.evaluation ?? {}, 'test_error'), decimals: 2 },
    { head: 'line loss', points: of(line?.evaluation ?? {}, 'test_loss'), decimals: 4 },
  ];
}

/** What is left of backdoors and injections: shares in %, each under a name where there are several. */
function isSuccess(series: string): boolean {
  return /^(attack|injection)_(success|stealth)(:|$)/.test(series);
}

function namedColumns(series: SeriesMap): Column[] {
  return Object.entries(series)
    .filter(([name]) => isSuccess(name))
    .map(([name, points]) => ({ head: namedHead(name), points, decimals: 2 }));
}

function namedHead(series: string): string {
  const [base = '', ...name] = series.split(':');
  return [base.replaceAll('_', ' '), ...(name.length > 0 ? [name.join(':')] : []), '%'].join(' ');
}

/** Endpoints that were evaluated alone; columns of what any of them measured. */
export function aloneTable({ endpoints }: ExperimentView): ResultsTable {
  const measured = endpoints.filter(({ alone }) => Object.keys(alone).length > 0);
  const named = measured.flatMap(({ alone }) => Object.keys(alone).filter(isSuccess));
  const shown = [
    ['test_error', 'test error %', 2] as const,
    ['test_nll', 'test nll', 4] as const,
    ...[...new Set(named)].sort().map((series) => [series, namedHead(series), 2] as const),
  ];
  const rows = measured.map(({ name, alone }) => [
    name,
    ...shown.map(([series, , decimals]) => fixed(alone[series]?.at(-1)?.value, decimals)),
  ]);
  const head = ['endpoint', ...shown.map(([, label]) => label)];
  return { title: 'Endpoints alone', head, rows };
}

const summarised = [
  ['test_error', 'test error %', 2],
  ['test_loss', 'test loss', 4],
  ['test_nll', 'test nll', 4],
  ['train_error', 'train error %', 2],
  ['train_loss', 'train loss', 4],
] as const;

const statisticNames = Object.keys(summaryNames) as readonly SummaryStatistic[];

export function summaryTable(view: ExperimentView): ResultsTable {
  const rows = view.curves.flatMap((curve) =>
    [curve.fitted, curve.line].flatMap((path) => (path ? statisticRows(curve.name, path) : [])),
  );
  const heads = Object.values(summaryNames);
  return { title: 'Along the paths', head: ['path', 'series', ...heads], rows };
}

function statisticRows(curve: string, path: PathView): string[][] {
  return summarised.flatMap(([series, label, decimals]) => {
    const values = statisticNames.map((statistic) => path.statistics[`${series}.${statistic}`]);
    if (values.every((value) => value === undefined)) return [];
    const cells = values.map((value) => fixed(value, decimals));
    return [[pathLabel(curve, path), label, ...cells]];
  });
}

export function correlationTable(view: ExperimentView): ResultsTable {
  const rows = view.curves.flatMap((curve) => {
    const attacks = curve.fitted.attacks.filter((attack) => attack.correlationPoints !== null);
    return attacks.map(({ name, pearson, spearman, correlationPoints }) => [
      ...[curve.name, name],
      ...[fixed(pearson, 3), fixed(spearman, 3), fixed(correlationPoints, 0)],
    ]);
  });
  const head = ['path', 'attack', 'Pearson', 'Spearman', 'n'];
  return { title: 'Robust nll against mean top eigenvalue', head, rows };
}

export function lengthTable(view: ExperimentView): ResultsTable {
  const paths = view.curves.flatMap((curve) =>
    [curve.fitted, curve.line].flatMap((path) =>
      path && path.length !== null ? [[curve.name, path] as const] : [],
    ),
  );
  const lengths = column(paths.map(([, path]) => path.length));
  const rows = paths.map(([curve, path], i) => [pathLabel(curve, path), lengths[i]!]);
  return { title: 'Length in weight space', head: ['path', 'length'], rows };
}

function budgetOf({ epochs, steps }: EndpointView): string {
  if (steps !== null) return `${steps} steps`;
  return epochs === null ? '–' : String(epochs);
}

export function endpointTable(view: ExperimentView): ResultsTable {
  const rows = view.endpoints.map((endpoint) => [
    ...[endpoint.name, endpoint.made],
    endpoint.seed === null ? '–' : String(endpoint.seed),
    budgetOf(endpoint),
    fixed(endpoint.testErrorPercent === null ? null : 100 - endpoint.testErrorPercent, 2),
    fixed(endpoint.testNll, 4),
  ]);
  const head = ['endpoint', 'training', 'seed', 'epochs', 'test accuracy %', 'test nll'];
  return { title: 'Endpoints', head, rows };
}

function pathLabel(curve: string, { kind }: PathView): string {
  return kind === 'line' ? `${curve} (line)` : curve;
}
