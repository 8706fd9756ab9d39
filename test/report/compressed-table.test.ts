/** The table of sparse and quantised networks: one row for each endpoint, none where all are dense and float. */
import { expect, test } from 'vitest';
import { compressedTable } from '../../report/tables/compressed-table.js';
import { readExperimentView } from '../../report/view/read-view.js';
import { quickPlan, recorded } from './experiment.js';

const quantised =
  'endpoints.B={ seed: 2, quantisation: { scheme: ternary, growth: 2 }, adversarial: { method: trade-off, epsilon: 0.1, stepSize: 0.1, steps: 1 } }';

async function tableOf(measured: Readonly<Record<string, number>>, ...assignments: string[]) {
  const { experiment, store } = recorded(quickPlan(...assignments));
  const view = await readExperimentView(store, experiment);
  const series = Object.entries(measured).map(([name, value]) => [name, [{ x: 0, value: 1, n: 2 }, { x: 9, value, n: 2 }]]); // prettier-ignore
  const endpoints = view.endpoints.map((one) =>
    one.name === 'B' ? { ...one, series: { ...one.series, ...Object.fromEntries(series) } } : one,
  );
  return { view, table: compressedTable({ ...view, endpoints }), plain: compressedTable(view) };
}

test('has a row for each endpoint, with the errors of attacks at its end', async () => {
  const { table, view } = await tableOf({ zero_weights: 46 }, quantised);
  expect(table.head).toEqual(['endpoint', 'training', 'test error %', 'pgd-10 %', 'zero weights %']); // prettier-ignore
  const row = table.rows.find(([name]) => name === 'B')!;
  expect(row[1]).toBe('trade-off, PGD ε 0.1, 1 steps, ternary weights');
  const curve = view.curves.find(({ to }) => to === 'B')!;
  const points = curve.fitted.attacks[0]!.series['robust_error']!;
  expect(row[3]).toBe(points.find(({ x }) => x === 1)!.value.toFixed(2));
  expect(row.slice(4)).toEqual(['46.0']);
  expect(table.rows.map(([name]) => name)).toEqual(['A', 'B', 'C']);
});

test('has the densities of a sparse network, after its last step', async () => {
  const sparse = 'endpoints.B={ seed: 2, sparsity: { density: 0.05 } }';
  const { table } = await tableOf({ weight_density: 0.05, parameter_density: 0.0512 }, sparse);
  expect(table.head.slice(4)).toEqual(['density of weights', 'of all parameters']);
  const row = table.rows.find(([name]) => name === 'B')!;
  expect(row[1]).toContain('density 0.05, rewired');
  expect(row.slice(4)).toEqual(['0.0500', '0.0512']);
  expect(table.rows.find(([name]) => name === 'A')!.slice(4)).toEqual(['–', '–']);
});

test('is empty where no network is sparse or quantised', async () => {
  expect((await tableOf({})).plain.rows).toEqual([]);
});
