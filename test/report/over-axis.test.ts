// What curves that differ in an axis of their sweep give together, on views made by hand.
import { expect, test } from 'vitest';
import {
  endpointsOverAxis,
  endpointSpreadDocument,
} from '../../report/tables/endpoints-over-axis.js';
import { sweptAxes, overAxis } from '../../report/tables/over-axis.js';
import type { CurveView, ExperimentView, PathView, Point } from '../../report/view/records.js';

const points = (values: readonly number[]): Point[] =>
  values.map((value, i) => ({ x: i / (values.length - 1), value }));

function curve(
  name: string,
  statistics: Record<string, number>,
  robust?: number[],
  curved?: number[],
): CurveView {
  const attack = { name: 'pgd', series: { robust_nll: points(robust ?? []) } };
  const fitted = {
    ...{ kind: 'curve', statistics },
    attacks: robust ? [attack] : [],
    spectrum: curved
      ? { images: 1, epsilon: null, series: { eigenvalue_mean: points(curved) } }
      : null,
  } as unknown as PathView;
  return { name, swept: name, fitted, line: null } as unknown as CurveView;
}

const viewOf = (...curves: CurveView[]) =>
  ({ curves, endpoints: [], runs: [] }) as unknown as ExperimentView;

test('curves that differ in the seeds of their ends are one group, others groups of their own', () => {
  const view = viewOf(
    curve('A-B@from.seed=1,to.seed=11', { 'test_error.barrier': 1 }),
    curve('A-B@from.seed=2,to.seed=12', { 'test_error.barrier': 2 }),
    curve('A-B@from.seed=3,to.seed=13', { 'test_error.barrier': 6 }),
    curve('A-B@bends=2,seed=1', { 'test_error.barrier': 5 }),
    curve('A-C', { 'test_error.barrier': 9 }),
  );
  const found = overAxis(view, 'seed');
  expect(found.map(({ curve: name, n }) => [name, n])).toEqual([
    ['A-B', 3],
    ['A-B@bends=2', 1],
  ]);
  // Mean 3; squares 4 + 1 + 9 over 2.
  expect(found[0]).toMatchObject({
    statistic: 'test_error.barrier',
    ...{ mean: { value: 3 }, sd: { value: Math.sqrt(7) } },
  });
  // Percentiles of means of three draws of 1, 2, 6: all 1 has probability 1/27, all 6 as well.
  expect([found[0]!.low.value, found[0]!.high.value]).toEqual([1, 6]);
  const none = { value: NaN, n: 1, reason: 'too-few' };
  expect(found[1]).toMatchObject({ mean: { value: 5, n: 1 }, sd: none, low: none, high: none });
  expect(sweptAxes(view)).toEqual(['bends', 'seed']);
  expect(overAxis(view, 'colour')).toEqual([]);
});

test('curves whose names have their labels shortened are grouped by all of their axes', () => {
  const long = 'batchSize=64,adversarial.stepSize=0.05';
  const swept = [1, 2].map((seed) => ({
    ...curve(`A-B@more~${seed}`, { 'test_error.barrier': seed }),
    swept: `A-B@${long},seed=${seed}`,
  }));
  const [found] = overAxis(viewOf(...swept), 'seed');
  expect(found).toMatchObject({ curve: `A-B@${long}`, n: 2, mean: { value: 1.5, n: 2 } });
  expect(sweptAxes(viewOf(...swept))).toEqual(['batchSize', 'seed', 'stepSize']);
});

test('correlations are recomputed from the points, their intervals over seeds and t', () => {
  const up = [1, 2, 3, 4, 5, 6, 7];
  const view = viewOf(
    curve(
      'A-B@seed=1',
      {},
      up,
      up.map((v) => 2 * v),
    ),
    curve('A-B@seed=2', {}, up, [2, 1, 4, 3, 6, 5, 7]),
  );
  const pearson = overAxis(view, 'seed').find(
    ({ statistic }) => statistic === 'pgd.pearson.eigenvalue_mean',
  )!;
  // 1, and 1 - 6 * 6 / (7 * 48) since both series are permutations of their ranks.
  const [a, b] = [1, 1 - 36 / 336];
  expect(pearson.mean.value).toBeCloseTo((a + b) / 2, 12);
  expect(pearson.sd.value).toBeCloseTo((a - b) / Math.SQRT2, 12);
  expect(pearson.low.value).toBeLessThan(b);
  expect(pearson.high.value).toBeCloseTo(1, 12);
});

test('the certified error of curves of a sweep has its mean and spread, as attacked error has', () => {
  const error = 'mm.certified_error:relative:0.1.min';
  const view = viewOf(curve('A-B@seed=1', { [error]: 20 }), curve('A-B@seed=2', { [error]: 30 }));
  expect(overAxis(view, 'seed')).toMatchObject([{ statistic: error, n: 2, mean: { value: 25 } }]);
});

test('endpoints that differ in their seed are one group, with their errors under attack and their density', () => {
  const density = { weight_density: [{ x: 1, value: 0.2 }, { x: 2, value: 0.05 }] }; // prettier-ignore
  const endpoint = (name: string, testErrorPercent: number) => ({ name, testErrorPercent, testNll: null, series: name === 'S@seed=1' ? density : {} }); // prettier-ignore
  const attack = { name: 'pgd', series: { robust_error: [{ x: 0, value: 30 }, { x: 1, value: 50 }] } }; // prettier-ignore
  const view = {
    endpoints: [endpoint('S@seed=1', 1), endpoint('S@seed=2', 3), endpoint('T', 9)],
    curves: [{ ends: ['S@seed=1', 'S@seed=2'], fitted: { attacks: [attack] } }],
  } as unknown as ExperimentView;
  const found = endpointsOverAxis(view, 'seed');
  expect(found.map(({ endpoint: name, statistic, n }) => [name, statistic, n])).toEqual([
    ['S', 'test_error', 2],
    ['S', 'pgd.robust_error', 2],
    ['S', 'weight_density', 1],
  ]);
  expect(found[0]).toMatchObject({ mean: { value: 2 }, sd: { value: Math.SQRT2 } });
  expect(found[1]).toMatchObject({ mean: { value: 40 } });
  expect(endpointSpreadDocument(found[2]!)).toEqual({
    ...{ endpoint: 'S', statistic: 'weight_density', n: 1, mean: 0.05 },
    ...{ sd: null, low: null, high: null },
  });
  expect(endpointsOverAxis(view, 'colour')).toEqual([]);
});
