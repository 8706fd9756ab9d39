// A result that contradicts what was expected is a result: stored values are listed whatever they say, and doubts stand beside.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seriesEntry } from '../../experiment/kinds/series.js';
import type { MetricRow } from '../../experiment/records/records.js';
import { longRows, type LongRow } from '../../report/view/long-rows.js';
import { readExperimentView } from '../../report/view/read-view.js';
import type { ExperimentView } from '../../report/view/records.js';
import { metricsOf, quickPlan, recorded } from '../report/experiment.js';

const plan = quickPlan(
  'curves={ A-B: { from: A, to: B } }',
  ...['attacks.pgd-10.keepImages=true', 'attacks.pgd-10.points=2'],
  'convergence={ attack: pgd-10, points: 2 }',
  'detections={ near: { estimator: nearest, attacks: [pgd-10] } }',
  'certificates={ mm: { epsilons: [0.1], points: 2 } }',
  'twoLayer={}',
);
const kinds = ['convergence', 'detection', 'certificate', 'two-layer', 'strongest', 'summary'];
const measured = plan.runs.filter(({ spec }) => kinds.includes(spec.kind));

/** A number of either sign and any size, or none with its reason. */
const quantity = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => ({ value, n: 5 })),
  fc.constant({ value: NaN, n: 0, reason: 'no-values' as const }),
  fc.constant({ value: Infinity, n: 5, reason: 'overflow' as const }),
);

/** Values in place of those of the runs, in order, over and over. */
const replaced = fc.array(quantity, { minLength: 3, maxLength: 40 }).map(
  (values) =>
    new Map(
      plan.runs.map((run) => [
        run.key,
        metricsOf(run).map((row, i): MetricRow => {
          if (!measured.includes(run)) return row;
          return { series: row.series, x: row.x, ...values[i % values.length]! };
        }),
      ]),
    ),
);

type Stored = ReadonlyMap<string, readonly MetricRow[]>;

async function viewOf(metrics: Stored): Promise<ExperimentView> {
  const { experiment, store } = recorded(plan);
  return readExperimentView({ ...store, metricsOf: () => Promise.resolve(metrics) }, experiment);
}

/** Stored values that the rows do not list as they are. */
function missing(metrics: Stored, rows: readonly LongRow[]): readonly string[] {
  const listed = new Map(rows.map((row) => [`${row.run} ${row.series} ${row.x}`, row]));
  return measured.flatMap(({ key, name }) =>
    metrics.get(key)!.flatMap(({ series, x, value, reason }) => {
      const row = listed.get(`${name} ${series} ${x}`);
      const same = row && (row.value === null ? reason !== undefined : row.value === value);
      return same ? [] : [`${name} ${series} ${x}`];
    }),
  );
}

function failedLimits(metrics: Stored, key: string): readonly string[] {
  return metrics.get(key)!.flatMap(({ series, value, reason }) => {
    const limit = seriesEntry(series)?.check?.limit;
    return limit !== undefined && reason !== 'no-values' && !(value <= limit) ? [series] : [];
  });
}

test('every value is listed, whatever it is; where a check fails its run has a warning that names it', async () => {
  expect(new Set(measured.map(({ spec }) => spec.kind)).size).toBeGreaterThanOrEqual(5);
  const seen = { warned: 0, hidden: 0 };
  await fc.assert(
    fc.asyncProperty(replaced, async (metrics) => {
      const view = await viewOf(metrics);
      const rows = longRows(view);
      expect(missing(metrics, rows)).toEqual([]);
      for (const { key, name } of measured) {
        const { warning, state } = view.runs.find((run) => run.name === name)!;
        expect(state).toBe('done');
        const failed = failedLimits(metrics, key);
        for (const series of failed) expect(warning).toContain(series);
        seen.warned += failed.length;
      }
      // A list of the values on the expected side alone would lack some.
      const pleasant = rows.filter(({ value }) => value !== null && value > 0);
      seen.hidden += missing(metrics, pleasant).length;
    }),
    { numRuns: 40 },
  );
  expect(Math.min(seen.warned, seen.hidden)).toBeGreaterThan(0);
});
