/** The public views, as a reader from outside asks them. */
import { afterAll, describe, expect, test } from 'vitest';
import type { Plan } from '../../../experiment/plan/plan.js';
import { absent } from '../../../experiment/records/quantity.js';
import type { MetricRow } from '../../../experiment/records/records.js';
import { keyOf, plan } from '../results/plans.js';
import { createScratchStore, nothing } from '../results/scratch-store.js';

const { store, sql, claim, close } = await createScratchStore();
afterAll(close);

/** Carries out a run of a plan with these metrics, written batch by batch. */
async function finish(mine: Plan, name: string, ...batches: readonly MetricRow[][]): Promise<void> {
  const key = keyOf(mine, name);
  const epoch = await claim(key);
  for (const rows of batches) await store.appendMetrics(key, epoch, rows);
  await store.completeRun(key, epoch, nothing);
}

/** Each series at three points; what was written first at the middle one is replaced. */
function alongPath(...series: readonly string[]): MetricRow[][] {
  const first = { series: series[0]!, x: 0.5, value: NaN };
  const rows = [0, 0.5, 1].flatMap((x) => series.map((s, i) => ({ series: s, x, value: i + x })));
  return [[first], rows];
}

function at(x: number, values: Readonly<Record<string, number>>): MetricRow[] {
  return Object.entries(values).map(([series, value]) => ({ series, x, value }));
}

/** The rows of a view for one experiment, in order of the first two columns. */
async function rowsOf({ id }: Plan, view: string, columns: string): Promise<unknown[]> {
  const text = `SELECT ${columns} FROM ${view} WHERE experiment = $1 ORDER BY 1, 2`;
  return (await sql.query(text, [id])).rows as unknown[];
}

describe('public views', () => {
  test('show each point of finished runs once, and lead from an attack back to both endpoints', async () => {
    const mine = plan('views', 500);
    await store.registerExperiment(mine);
    await finish(mine, 'evaluation/A-B', ...alongPath('train_nll', 'test_error'));
    await finish(mine, 'evaluation/A-B/line', ...alongPath('train_nll', 'test_error'));
    await finish(mine, 'attack/A-B/pgd', ...alongPath('clean_nll', 'robust_error'));
    await finish(mine, 'spectrum/A-B', ...alongPath('eigenvalue_mean'));
    const weightSeries = alongPath(
      ...['weight_eigenvalue_max', 'weight_trace', 'weight_eigenvalue_min_error'],
    );
    await finish(mine, 'weight-spectrum/A-B', ...weightSeries);

    const points = await rowsOf(
      mine,
      'v1_curve_points',
      'path, t, curve, train_nll, test_error, test_nll',
    );
    expect(points).toHaveLength(6);
    expect(points[1]).toEqual({
      curve: 'A-B',
      path: 'curve',
      t: 0.5,
      train_nll: 0.5,
      test_error: 1.5,
      test_nll: null,
    });
    const attacks = await rowsOf(mine, 'v1_attacks', 't, attack, epsilon, clean_nll, robust_error');
    expect(attacks).toHaveLength(3);
    expect(attacks[2]).toEqual({
      attack: 'pgd',
      epsilon: 0.1,
      t: 1,
      clean_nll: 1,
      robust_error: 2,
    });
    const spectra = await rowsOf(mine, 'v1_spectra', 't, eigenvalue_mean');
    expect(spectra).toHaveLength(3);
    expect(spectra[0]).toEqual({ t: 0, eigenvalue_mean: 0 });
    const weights = await rowsOf(
      mine,
      'v1_weight_spectra',
      't, split, images, reduction, largest, smallest, trace, largest_error, smallest_error, settled',
    );
    expect(weights).toHaveLength(3);
    expect(weights[2]).toEqual({
      ...{ split: 'train', images: 4, reduction: 'mean' },
      ...{ t: 1, largest: 1, smallest: null, trace: 2 },
      ...{ largest_error: null, smallest_error: 3, settled: null },
    });
    const lineage = await sql.query(
      'SELECT role, depth, ancestor_name FROM v1_lineage WHERE experiment = $1 AND name = $2 ORDER BY ancestor_name',
      [mine.id, 'attack/A-B/pgd'],
    );
    expect(lineage.rows).toEqual([
      { role: 'curve', depth: 1, ancestor_name: 'curve/A-B' },
      { role: 'start', depth: 1, ancestor_name: 'endpoint/A' },
      { role: 'end', depth: 1, ancestor_name: 'endpoint/B' },
    ]);
    const summary = await sql.query(
      "SELECT ancestor_name, min(depth) AS depth FROM v1_lineage WHERE run = $1 AND ancestor_kind = 'endpoint' GROUP BY 1 ORDER BY 1",
      [keyOf(mine, 'summary/A-B')],
    );
    expect(summary.rows).toEqual([
      { ancestor_name: 'endpoint/A', depth: 2 },
      { ancestor_name: 'endpoint/B', depth: 2 },
    ]);
  });

  test('take the names of series apart: statistics, attacks with dots, and places of two axes', async () => {
    const mine = plan('analysis-views', 560);
    await store.registerExperiment(mine);
    const spectrum = { eigenvalue_mean: 1, gradient_l1_mean: 2, alignment_mean: 0.9 };
    const transfer = { 'transfer_error@0': 4, 'transfer_error@0.5': 5, 'transfer_nll@0.5': 6 };
    const ensemble = {
      ...{ ensemble_error: 7, ensemble_disagreement: 8, member_error: 9 },
      drawn_member_robust_error: 10,
    };
    const summary = {
      ...{ 'test_error.max': 1, 'test_error.barrier': 2, 'test_error.barrier_at': 0.25 },
      ...{ 'pgd.0.1.robust_nll.barrier_over_mean': 3, 'pgd.0.1.pearson': 0.5 },
      ...{ 'pgd.0.1.pearson.eigenvalue_mean': 0.5, 'pgd.0.1.pearson.eigenvalue_mean.low': 0.4 },
      ...{ 'pgd.0.1.pearson.eigenvalue_mean.high': 0.6 },
      ...{ 'mm.certified_error:relative:0.1.min': 30 },
      ...{ 'mm.certified_error:relative:0.1.barrier': 60 },
    };
    await finish(mine, 'spectrum/A-B', at(0.5, spectrum));
    await finish(mine, 'transfer/A-B', at(1, transfer));
    await finish(mine, 'ensemble/A-B', at(0, ensemble));
    await finish(mine, 'summary/A-B', at(0, summary));
    expect(await rowsOf(mine, 'v1_gradients', 't, gradient_l1_mean, epsilon')).toEqual([
      { t: 0.5, gradient_l1_mean: 2, epsilon: null },
    ]);
    expect(await rowsOf(mine, 'v1_transfers', 'crafted_t, tried_t, error, nll')).toEqual([
      { crafted_t: 0, tried_t: 1, error: 4, nll: null },
      { crafted_t: 0.5, tried_t: 1, error: 5, nll: 6 },
    ]);
    expect(
      await rowsOf(
        mine,
        'v1_ensembles',
        'members, error, disagreement, robust_error, member_error_mean, drawn_member_robust_error',
      ),
    ).toEqual([
      {
        ...{ members: 3, error: 7, disagreement: 8, robust_error: null, member_error_mean: 9 },
        drawn_member_robust_error: 10,
      },
    ]);
    expect(
      await rowsOf(mine, 'v1_barriers', 'attack, series, barrier, barrier_at, barrier_over_mean'),
    ).toEqual([
      {
        attack: 'pgd.0.1',
        series: 'robust_nll',
        barrier: null,
        barrier_at: null,
        barrier_over_mean: 3,
      },
      { attack: null, series: 'test_error', barrier: 2, barrier_at: 0.25, barrier_over_mean: null },
    ]);
    expect(await rowsOf(mine, 'v1_statistics', 'attack, series, min, max')).toEqual([
      { attack: null, series: 'test_error', min: null, max: 1 },
    ]);
    expect(
      await rowsOf(mine, 'v1_certified_barriers', 'certificate, method, epsilon, min, barrier'),
    ).toEqual([{ certificate: 'mm', method: 'relative', epsilon: 0.1, min: 30, barrier: 60 }]);
    expect(
      await rowsOf(mine, 'v1_correlations', 'attack, correlation, predictor, value, low, high'),
    ).toEqual([
      {
        attack: 'pgd.0.1',
        correlation: 'pearson',
        predictor: 'eigenvalue_mean',
        value: 0.5,
        low: 0.4,
        high: 0.6,
      },
    ]);
  });

  test('show what is no finite number with its reason, and over how many points a correlation is', async () => {
    const mine = plan('absent-views', 530);
    await store.registerExperiment(mine);
    const place = (series: string) => ({ series, x: 0 });
    await finish(mine, 'summary/A-B', [
      { ...place('pgd.pearson.eigenvalue_mean'), value: 0.5, n: 11 },
      { ...place('pgd.spearman.eigenvalue_mean'), ...absent('too-few', 2) },
      { ...place('test_nll.max'), value: Infinity, n: 3, reason: 'overflow' },
    ]);
    expect(await rowsOf(mine, 'v1_absent_values', 'series, x, value, reason, n, name')).toEqual([
      {
        ...{ series: 'pgd.spearman.eigenvalue_mean', x: 0, value: NaN },
        ...{ reason: 'too-few', n: 2, name: 'summary/A-B' },
      },
      {
        ...{ series: 'test_nll.max', x: 0, value: Infinity },
        ...{ reason: 'overflow', n: 3, name: 'summary/A-B' },
      },
    ]);
    expect(await rowsOf(mine, 'v1_correlations', 'correlation, value, n')).toEqual([
      { correlation: 'pearson', value: 0.5, n: 11 },
      { correlation: 'spearman', value: NaN, n: 2 },
    ]);
  });

  test('show the validity checks of an attack beside its error, and what the tampering still does', async () => {
    const mine = plan('checks', 570);
    await store.registerExperiment(mine);
    await finish(mine, 'attack/A-B/pgd', at(0.5, { robust_error: 4, attack_zero_gradient: 0.1 }));
    const tampering = { attack_success: 90, 'injection_success:B': 80, 'injection_stealth:B': 70 };
    await finish(mine, 'evaluation/A-B', at(0.5, { validation_nll: 2, ...tampering }));
    expect(
      await rowsOf(mine, 'v1_attacks', 't, robust_error, attack_zero_gradient, attack_random'),
    ).toEqual([{ t: 0.5, robust_error: 4, attack_zero_gradient: 0.1, attack_random: null }]);
    expect(await rowsOf(mine, 'v1_curve_points', 't, validation_nll')).toEqual([
      { t: 0.5, validation_nll: 2 },
    ]);
    expect(
      await rowsOf(
        mine,
        'v1_tampering',
        'source, t, name, attack_success, injection_success, injection_stealth',
      ),
    ).toEqual([
      {
        ...{ source: 'B', t: 0.5, name: 'evaluation/A-B' },
        ...{ attack_success: null, injection_success: 80, injection_stealth: 70 },
      },
      {
        ...{ source: null, t: 0.5, name: 'evaluation/A-B' },
        ...{ attack_success: 90, injection_success: null, injection_stealth: null },
      },
    ]);
  });

  test('show endpoints and trainings, members of an ensemble, statistics and chosen places', async () => {
    const mine = plan('other-views', 580);
    await store.registerExperiment(mine);
    await finish(mine, 'endpoint/A', [
      ...at(0, { final_test_error: 2, loss_out_of_bounds: 5000 }),
      ...[1, 2].flatMap((x) => at(x, { batch_loss: x / 4 })),
    ]);
    await finish(mine, 'ensemble/A-B', [
      ...at(0, { ensemble_error: 7 }),
      ...[0, 1].flatMap((x) => at(x, { member_nll: x })),
    ]);
    await finish(
      mine,
      'summary/A-B',
      at(0, {
        ...{ 'test_error.max': 9, 'pgd.0.1.robust_nll.min': 3, 'pgd.0.1.correlation_points': 11 },
        ...{ 'arc_length.total': 6, 'chosen.t': 0.25, 'chosen.test_error': 2 },
      }),
    );
    expect(
      await rowsOf(mine, 'v1_endpoints', 'endpoint, kind, final_test_error, loss_out_of_bounds'),
    ).toEqual([{ endpoint: 'A', kind: 'endpoint', final_test_error: 2, loss_out_of_bounds: 5000 }]);
    expect(await rowsOf(mine, 'v1_training_steps', 'name, step, batch_loss')).toEqual([
      { name: 'endpoint/A', step: 1, batch_loss: 0.25 },
      { name: 'endpoint/A', step: 2, batch_loss: 0.5 },
    ]);
    expect(await rowsOf(mine, 'v1_ensemble_members', 't, member_nll')).toEqual([
      { t: 0, member_nll: 0 },
      { t: 1, member_nll: 1 },
    ]);
    expect(await rowsOf(mine, 'v1_statistics', 'attack, series, min, max, total')).toEqual([
      { attack: 'pgd.0.1', series: 'robust_nll', min: 3, max: null, total: null },
      { attack: null, series: 'arc_length', min: null, max: null, total: 6 },
      { attack: null, series: 'test_error', min: null, max: 9, total: null },
    ]);
    expect(await rowsOf(mine, 'v1_attack_correlations', 'attack, correlation_points')).toEqual([
      { attack: 'pgd.0.1', correlation_points: 11 },
    ]);
    expect(await rowsOf(mine, 'v1_choices', 'choice, series, value')).toEqual([
      { choice: 'chosen', series: 't', value: 0.25 },
      { choice: 'chosen', series: 'test_error', value: 2 },
    ]);
  });

  test('a value from before reasons were kept is told as such', async () => {
    const mine = plan('unrecorded', 540);
    await store.registerExperiment(mine);
    await finish(mine, 'summary/A-B', at(0, { 'a.pearson.b': 1 }));
    const key = keyOf(mine, 'summary/A-B');
    await sql.query("UPDATE metric SET value = 'NaN', reason = NULL WHERE run = $1", [key]);
    expect(await rowsOf(mine, 'v1_absent_values', 'series, reason, n')).toEqual([
      { series: 'a.pearson.b', reason: 'unrecorded', n: 0 },
    ]);
    expect((await store.metricsOf([key])).get(key)).toEqual([
      { series: 'a.pearson.b', x: 0, value: NaN, reason: 'unrecorded', n: 0 },
    ]);
  });
});
