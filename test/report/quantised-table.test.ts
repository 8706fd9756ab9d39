/** The table of quantised networks: one row for each endpoint, none where no network is quantised. */
import { expect, test } from 'vitest';
import { quantisedTable } from '../../report/tables/quantised-table.js';
import { readExperimentView } from '../../report/view/read-view.js';
import { quickPlan, recorded } from './experiment.js';

const quantised =
  'endpoints.B={ seed: 2, quantisation: { scheme: ternary, growth: 2 }, adversarial: { method: trade-off, epsilon: 0.1, stepSize: 0.1, steps: 1 } }';

async function tableOf(...assignments: string[]) {
  const { experiment, store } = recorded(quickPlan(...assignments));
  const view = await readExperimentView(store, experiment);
  const zeros = { zero_weights: [{ x: 0, value: 46, n: 2 }] };
  const runs = view.runs.map((run) =>
    run.name === 'endpoint/B' ? { ...run, series: { ...run.series, ...zeros } } : run,
  );
  return { view, table: quantisedTable({ ...view, runs }), plain: quantisedTable(view) };
}

test('has a row for each endpoint, with the errors of attacks at its end', async () => {
  const { table, view } = await tableOf(quantised);
  expect(table.head.slice(0, 5)).toEqual(['endpoint', 'training', 'test error %', 'pgd-10 %', 'zero weights %']); // prettier-ignore
  const row = table.rows.find(([name]) => name === 'B')!;
  expect(row[1]).toBe('trade-off, PGD ε 0.1, 1 steps, ternary weights');
  const curve = view.curves.find(({ to }) => to === 'B')!;
  const points = curve.fitted.attacks[0]!.series['robust_error']!;
  expect(row[3]).toBe(points.find(({ x }) => x === 1)!.value.toFixed(2));
  expect(row.slice(4)).toEqual(['46.0', '–', '–', '–']);
  expect(table.rows.map(([name]) => name)).toEqual(['A', 'B', 'C']);
});

test('is empty where no network is quantised', async () => {
  expect((await tableOf()).plain.rows).toEqual([]);
});
