/** Every series of the catalogue is shown: in a column, a figure or a table, or in the table of further series. */
import { expect, test } from 'vitest';
import { seriesCatalogue, seriesTables } from '../../experiment/kinds/series.js';
import type { SeriesTable } from '../../experiment/catalogue/series/entry.js';
import type { MetricRow } from '../../experiment/records/records.js';
import type { PlannedRun } from '../../experiment/records/runs.js';
import type { RunKind } from '../../experiment/kinds/index.js';
import {
  curvePoints,
  curveTables,
  endpointTables,
  furtherSeries,
  summaryTables,
} from '../../report/kinds/index.js';
import { renderReport } from '../../report/page/page.js';
import { furtherTable } from '../../report/tables/further-table.js';
import { readExperimentView } from '../../report/view/read-view.js';
import type { ExperimentView, RunView } from '../../report/view/records.js';
import { metricsOf, quickPlan, recorded } from './experiment.js';

const plan = quickPlan(
  'curves={ A-B: { from: A, to: B } }',
  ...['evaluation.points=2', 'attacks.pgd-10.points=2', 'spectrum.points=2'],
  'attacks.fgsm={ epsilon: 0.1, stepSize: 0.1, steps: 1, points: 2, images: 1000 }',
  'transfer={ attack: pgd-10, points: 2 }',
  'ensemble={ members: [0, 1], attack: pgd-10, images: 500, randomMember: true }',
  'spectrum.prediction={ epsilon: 0.1 }',
  'convergence={ attack: pgd-10, points: 2 }',
  'weightSpectrum={ images: 500, points: 2, trace: {} }',
  'attacks.pgd-10.keepImages=true',
  'detections={ near: { estimator: nearest, attacks: [pgd-10] } }',
  'certificates={ mm: { epsilons: [0.1], points: 2 } }',
);
const tables = Object.entries(seriesTables) as [RunKind, SeriesTable][];
const planned = new Set(plan.runs.map(({ spec }) => spec.kind));

/** One value for each series of the kind and each of its x, but for one series. */
function rowsOf({ spec }: PlannedRun, without: string | null): readonly MetricRow[] {
  const ts = 't' in spec ? spec.t : [0];
  return Object.entries<SeriesTable[string]>(seriesTables[spec.kind]).flatMap(
    ([name, { axis, family }], i) => {
      if (name === without) return [];
      const xs = axis === 't' ? ts : axis === 'step' ? [1, 2] : [0];
      const isDetected = family === 'named' && spec.kind === 'detection';
      const names =
        family === 'crafted'
          ? ts.map((t) => `${name}@${t}`)
          : [isDetected ? `${name}:pgd-10` : name];
      return names.flatMap((series) => xs.map((x) => ({ series, x, value: i + 1 + x / 8 })));
    },
  );
}

/** Kinds that this plan does not have, as runs of their own. */
function otherRuns(some: RunView, without: string | null): readonly RunView[] {
  return tables
    .filter(([kind]) => !planned.has(kind))
    .map(([kind, table]) => {
      const names = Object.keys(table).filter((name) => name !== without);
      const points = [{ x: 0, value: 1 }];
      return {
        ...{ ...some, name: `${kind}/X`, kind },
        series: Object.fromEntries(names.map((name) => [name, points])),
      };
    });
}

async function viewWithout(without: string | null): Promise<ExperimentView> {
  const { experiment, store } = recorded(plan);
  const metrics = new Map(
    plan.runs.map((run) => [
      run.key,
      run.spec.kind === 'summary' ? metricsOf(run) : rowsOf(run, without),
    ]),
  );
  const reader = { ...store, metricsOf: () => Promise.resolve(metrics) };
  const view = await readExperimentView(reader, experiment);
  return { ...view, runs: [...view.runs, ...otherRuns(view.runs[0]!, without)] };
}

function shownTables(view: ExperimentView): string {
  return JSON.stringify([
    ...view.curves.flatMap((curve) => [curvePoints(curve), ...curveTables(curve)]),
    ...[...summaryTables(view), ...endpointTables(view), furtherSeries(view)],
  ]);
}

test('a series that is not there changes a table or a figure, whichever it is', async () => {
  const whole = await viewWithout(null);
  const page = await renderReport(whole);
  const hidden: string[] = [];
  for (const name of Object.keys(seriesCatalogue)) {
    const fewer = await viewWithout(name);
    if (shownTables(fewer) !== shownTables(whole)) continue;
    if ((await renderReport(fewer)) === page) hidden.push(name);
  }
  expect(hidden).toEqual([]);
});

test('what no presentation shows is in the table of further series, with its unit', async () => {
  const view = await viewWithout(null);
  const named = (table: { rows: readonly (readonly string[])[] }) =>
    table.rows.map((row) => row[1]);
  const further = named(furtherSeries(view));
  expect(further).toEqual(
    expect.arrayContaining(['attack_zero_gradient', 'validation_nll', 'probe_index', 'batch_loss']),
  );
  expect(further).not.toContain('robust_error');
  expect(furtherSeries(view).rows.find((row) => row[1] === 'published_steps')?.[2]).toBe('steps');
  expect(furtherTable(view, () => true).rows).toEqual([]);
  const all = new Set(named(furtherTable(view, () => false)).map((name) => name!.split(/[@:]/)[0]));
  expect([...all].sort()).toEqual(Object.keys(seriesCatalogue).sort());
});

test('half-measured runs are in no table', async () => {
  const view = await viewWithout(null);
  const running = view.runs.map((run) => ({ ...run, state: 'running' as const }));
  expect(furtherSeries({ ...view, runs: running }).rows).toEqual([]);
});
