import { expect, it } from 'vitest';
import { longRows, metricUnit } from '../../report/view/long-rows.js';
import { curvePoints } from '../../report/kinds/index.js';
import { correlationTable } from '../../report/tables/analysis-tables.js';
import { endpointTable, summaryTable } from '../../report/tables/results-tables.js';
import { readExperimentView } from '../../report/view/read-view.js';
import { quickPlan, recorded } from './experiment.js';

const { store, experiment } = recorded(quickPlan('evaluation.points=3', 'attacks.pgd-10.points=5'));
const view = await readExperimentView(store, experiment);

it('the table of a path has a row for every t that anything was measured at', () => {
  const table = curvePoints(view.curves[0]!);
  expect(table.head).toEqual([
    ...['t', 'test error %', 'test loss', 'test nll', 'robust error %', 'robust nll'],
    ...['mean top eigenvalue', 'line error %', 'line loss'],
  ]);
  const quarter = table.rows.find(([t]) => t === '0.25')!;
  expect(quarter.slice(1, 5)).toEqual(['–', '–', '–', '56.20']);
  const middle = table.rows.find(([t]) => t === '0.50')!;
  expect(middle.slice(1, 4)).toEqual(['1.57', '0.2220', '0.0620']);
});

it('endpoints are told with their accuracy', () => {
  const { rows } = endpointTable(view);
  expect(rows.map((row) => row[0])).toEqual(['A', 'B', 'C']);
  expect(rows[2]).toEqual(['C', 'PGD ε 0.2, 5 steps', '3', '1', '97.69', '0.0741']);
});

it('summaries and correlations are those the summary runs stored', () => {
  expect(summaryTable(view).head.slice(4)).toEqual(['mean over t', 'mean over arc length']);
  expect(summaryTable(view).rows[0]).toEqual([
    'A-B',
    'test error %',
    '0.40',
    '1.60',
    '1.20',
    '1.21',
  ]);
  expect(correlationTable(view).rows).toEqual([
    ['A-B', 'pgd-10', '0.941', '0.982', '11'],
    ['A-C', 'pgd-10', '0.941', '0.982', '11'],
  ]);
});

it('the long format has every value once, with its unit', () => {
  const rows = longRows(view);
  const places = rows.map(({ run, series, x }) => `${run} ${series} ${x}`);
  expect(new Set(places).size).toBe(rows.length);
  expect(
    rows.find(
      ({ run, series, x }) => run === 'evaluation/A-B/line' && series === 'test_error' && x === 0.5,
    ),
  ).toEqual({
    experiment: experiment.id,
    run: 'evaluation/A-B/line',
    curve: 'A-B',
    path: 'line',
    series: 'test_error',
    unit: '%',
    x: 0.5,
    value: 49.17,
    n: null,
    reason: null,
  });
});

it('units of statistics are those of their series, and correlations have none', () => {
  expect([
    metricUnit('test_error.max'),
    metricUnit('test_loss'),
    metricUnit('pgd-10.pearson'),
    metricUnit('mm.certified_error:relative:0.1.barrier'),
    metricUnit('mm.certified_error:relative:0.1.barrier_at'),
  ]).toEqual(['%', 'nats', '1', '%', '1']);
});

it('half-measured runs show nothing', async () => {
  const partial = recorded(quickPlan(), { 'evaluation/A-B': 'running' });
  const { curves } = await readExperimentView(partial.store, partial.experiment);
  expect(curves[0]!.fitted.evaluation).toEqual({});
  expect(curves[0]!.line!.evaluation['test_error']).toHaveLength(11);
});
