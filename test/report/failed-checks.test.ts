/** Failed validity checks of an attack are visible beside the numbers that they put in doubt. */
import { describe, expect, test } from 'vitest';
import type { MetricRow } from '../../experiment/records/records.js';
import { renderReport } from '../../report/page/page.js';
import { curvePoints, curveTables, summaryTables } from '../../report/kinds/index.js';
import { noteMarks, type ResultsTable } from '../../report/tables/table.js';
import { failedChecks } from '../../report/view/failed-checks.js';
import { readExperimentView } from '../../report/view/read-view.js';
import type { ExperimentView } from '../../report/view/records.js';
import { resultsText } from '../../cli/results/results-text.js';
import { metricsOf, quickPlan, recorded } from './experiment.js';
import { unbalancedTags } from './unbalanced-tags.js';

/** The checks of pgd-10 on A-B at t = 0, 0.5 and 1. */
async function viewOf(
  checks: Readonly<Record<string, readonly number[]>>,
): Promise<ExperimentView> {
  const plan = quickPlan('attacks.pgd-10.points=3', 'evaluation.points=3', 'spectrum.points=3');
  const { experiment, store } = recorded(plan);
  const added = Object.entries(checks).flatMap(([series, values]) =>
    values.map((value, i): MetricRow => ({ series, x: i / 2, value })),
  );
  const metrics = new Map(
    plan.runs.map((run) => {
      const own = metricsOf(run);
      return [run.key, run.name === 'attack/A-B/pgd-10' ? [...own, ...added] : own];
    }),
  );
  const reader = { ...store, metricsOf: () => Promise.resolve(metrics) };
  return readExperimentView(reader, experiment);
}

const passing = {
  ...{ attack_zero_gradient: [0, 0, 0], attack_random: [0, 0, 0] },
  ...{ attack_loss_fell: [0.5, 0.1, 0], attack_black_box_gain: [0, 0, 0] },
};
const failing = {
  ...passing,
  attack_zero_gradient: [0, 0.031, 0.25],
  attack_black_box_gain: [0, 0, 0.125],
};

function marked(table: ResultsTable, row: number): readonly string[] {
  const marks = noteMarks(table);
  return table.head.flatMap((head, column) =>
    marks(row, column) === '' ? [] : [`${head} [${marks(row, column)}]`],
  );
}

describe('a failed check', () => {
  test('is a value above the limit; at the limit it passes, and no number passes none', () => {
    const points = (...values: number[]) => values.map((value, x) => ({ x, value }));
    expect(failedChecks({ attack_loss_fell: points(0.5, 0.2), robust_error: points(99) })).toEqual(
      [],
    );
    expect(failedChecks({ attack_loss_fell: points(0.51, 0.2) })).toMatchObject([
      { name: 'falling loss', limit: 0.5, failed: [{ x: 0 }], measured: 2 },
    ]);
    const overflow = { x: 0, value: NaN, n: 1, reason: 'overflow' } as const;
    expect(failedChecks({ attack_random: [overflow] })).toMatchObject([
      { series: 'attack_random' },
    ]);
  });

  test('marks error and loss at the t where it failed, and says what it means below', async () => {
    const { curves } = await viewOf(failing);
    const table = curvePoints(curves[0]!);
    expect([0, 1, 2].map((row) => marked(table, row))).toEqual([
      [],
      ['robust error % [1]', 'robust nll [1]'],
      ['robust error % [1,2]', 'robust nll [1,2]'],
    ]);
    expect(table.notes!.map(({ text }) => text)).toEqual([
      'pgd-10: Check zero gradient failed: attack_zero_gradient up to 0.25 (limit 0) at 2 of 3 t. Gradients are masked at these images, so that a stronger attack may find a higher robust error (docs/concepts/attacks.md).',
      expect.stringContaining(
        'black-box gain failed: attack_black_box_gain 0.13 (limit 0) at 1 of 3 t',
      ),
    ]);
    expect(curvePoints(curves[1]!).notes).toEqual([]);
  });

  test('marks the barriers and correlations of the attack on that curve', async () => {
    const view = await viewOf(failing);
    const [, correlations] = summaryTables(view).filter(({ head }) => head[1] !== 'length');
    expect([0, 1].map((row) => marked(correlations!, row))).toEqual([
      ['Pearson [1,2]', 'Spearman [1,2]'],
      [],
    ]);
    const associations = curveTables(view.curves[0]!).find(
      ({ head }) => head[0] === 'robust nll with',
    );
    expect(marked(associations!, 0)).toEqual(['Pearson [1,2]', 'Spearman [1,2]', 'partial [1,2]']);
  });

  test('is a warning of its run, in the terminal and on the page', async () => {
    const view = await viewOf(failing);
    const { warning } = view.runs.find(({ name }) => name === 'attack/A-B/pgd-10')!;
    expect(warning).toMatch(
      /^warning: its results are in doubt, check zero gradient failed: .*; black-box gain failed/,
    );
    const text = resultsText(view, 200);
    expect(text).toMatch(/0\.50 .* 41\.20 \[1\] /);
    expect(text).toMatch(/0\.00 .* 71\.20 {3,}3\.1000 /);
    expect(text).toContain('[1] pgd-10: Check zero gradient failed');
    const page = (await renderReport(view)).replaceAll(/\s+/g, ' ');
    expect(unbalancedTags(page)).toEqual([]);
    expect(page).toContain('<td class="n bad">41.20<sup>1</sup></td>');
    expect(page).toMatch(
      /<p class="warning note" role="note"><sup>1<\/sup> pgd-10: Check zero gradient failed/,
    );
    expect(page).toMatch(/<b class="doubt">Check black-box gain failed/);
    expect(page).toContain('<li>attack/A-B/pgd-10: warning: its results are in doubt');
  });
});

test('where every check passes nothing is marked', async () => {
  const view = await viewOf(passing);
  expect(view.runs.every(({ warning }) => warning === null)).toBe(true);
  expect(resultsText(view, 200)).not.toMatch(/\[1\]|failed|doubt/);
  const page = await renderReport(view);
  expect(page).not.toMatch(/<sup>|class="doubt"|class="n bad"|class="warning/);
});
