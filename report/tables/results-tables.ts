/** Tables over all paths or all endpoints of an experiment. */
import { summaryNames, type SummaryStatistic } from '../../experiment/catalogue/series/summary.js';
import { column, fixed } from '../numbers.js';
import { isTampering, tamperingHead } from '../view/success.js';
import type { ResultsTable } from './table.js';
import type { EndpointView, ExperimentView, PathView } from '../view/records.js';

/** Endpoints that were evaluated alone; columns of what any of them measured. */
export function aloneTable({ endpoints }: ExperimentView): ResultsTable {
  const measured = endpoints.filter(({ alone }) => Object.keys(alone).length > 0);
  const named = measured.flatMap(({ alone }) => Object.keys(alone).filter(isTampering));
  const shown = [
    ['test_error', 'test error %', 2] as const,
    ['test_nll', 'test nll', 4] as const,
    ...[...new Set(named)].sort().map((series) => [series, tamperingHead(series), 2] as const),
  ];
  const rows = measured.map(({ name, alone }) => [
    name,
    ...shown.map(([series, , decimals]) => fixed(alone[series]?.at(-1)?.value, decimals)),
  ]);
  const head = ['endpoint', ...shown.map(([, label]) => label)];
  return {
    title: 'Endpoints alone',
    caption:
      'Endpoints evaluated alone: fraction of the images of an injection that are classified as their targets (of those with a wrong target: success; of all: stealth).',
    head,
    rows,
  };
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

function budgetText({ epochs, steps }: EndpointView): string {
  if (steps !== null) return `${steps} steps`;
  return epochs === null ? '–' : String(epochs);
}

export function endpointTable(view: ExperimentView): ResultsTable {
  const rows = view.endpoints.map((endpoint) => [
    ...[endpoint.name, endpoint.made],
    endpoint.seed === null ? '–' : String(endpoint.seed),
    budgetText(endpoint),
    fixed(endpoint.testErrorPercent === null ? null : 100 - endpoint.testErrorPercent, 2),
    fixed(endpoint.testNll, 4),
  ]);
  const head = ['endpoint', 'training', 'seed', 'epochs', 'test accuracy %', 'test nll'];
  return {
    title: 'Endpoints',
    caption: 'Accuracy and mean cross-entropy (nll) on the test set after training.',
    head,
    rows,
  };
}

function pathLabel(curve: string, { kind }: PathView): string {
  return kind === 'line' ? `${curve} (line)` : curve;
}
