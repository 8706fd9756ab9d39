import fc from 'fast-check';
import { expect, test } from 'vitest';
import { summarisePath, type Measured } from '../../activities/summarise-path.js';
import { absent } from '../../experiment/records/quantity.js';
import type { MetricRow } from '../../experiment/records/records.js';
import { arcLengthMean } from '../../numerics/analysis/path-mean.js';

const evaluated = ['train_nll', 'train_loss', 'train_error', 'test_nll', 'test_loss', 'test_error'];

function series(name: string, values: readonly number[], ts = grid(values.length)): MetricRow[] {
  return values.map((value, i) => ({ series: name, x: ts[i]!, value }));
}

function grid(n: number): readonly number[] {
  return Array.from({ length: n }, (_, i) => i / (n - 1));
}

function evaluation(values: readonly number[], lengths: readonly number[]): Measured {
  const rows = [
    ...evaluated.flatMap((name) => series(name, values)),
    ...series('arc_length', lengths),
  ];
  return { role: 'evaluation', rows };
}

function summaryOf(...inputs: readonly Measured[]): Readonly<Record<string, number>> {
  const rows = summarisePath(inputs);
  expect(rows.every(({ x }) => x === 0)).toBe(true);
  return Object.fromEntries(rows.map((row) => [row.series, row.value]));
}

test('the integral weighs each stretch by its length, not by its share of t', () => {
  const found = summaryOf(evaluation([0, 0, 4], [0, 9, 10]));
  expect(found).toMatchObject({ 'test_nll.min': 0, 'test_nll.max': 4, 'arc_length.total': 10 });
  expect(found['test_nll.mean']).toBeCloseTo(4 / 3, 14);
  expect(found['test_nll.integral']).toBeCloseTo(0.2, 14);
});

test('the integral of a constant is that constant, however the points lie', () => {
  const step = fc.double({ min: 1e-3, max: 1e3, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 30 }),
      fc.integer(),
      (steps, constant) => {
        const lengths = [0];
        for (const dl of steps) lengths.push(lengths.at(-1)! + dl);
        const mean = arcLengthMean(
          lengths.map(() => constant),
          lengths,
        );
        expect(mean.value).toBe(constant);
      },
    ),
  );
});

test('the order of the rows decides nothing', () => {
  const ordered = evaluation([3, 1, 2], [0, 1, 3]);
  const shuffled = { ...ordered, rows: [...ordered.rows].reverse() };
  expect(summaryOf(shuffled)).toEqual(summaryOf(ordered));
});

test('a measurement that is not a number makes its statistics so, and no others', () => {
  const rows = evaluation([1, 2, 3], [0, 1, 2]).rows.map((row) =>
    row.series === 'test_nll' && row.x === 0.5 ? { ...row, value: NaN } : row,
  );
  const found = summaryOf({ role: 'evaluation', rows });
  for (const name of ['min', 'max', 'mean', 'integral']) {
    expect(found[`test_nll.${name}`]).toBeNaN();
    expect(found[`train_nll.${name}`]).not.toBeNaN();
  }
  const row = summarisePath([{ role: 'evaluation', rows }]).find(
    ({ series: name }) => name === 'test_nll.mean',
  );
  expect(row).toMatchObject({ n: 3, reason: 'overflow' });
});

const path = evaluation([1, 2, 3], [0, 1, 2]);
const attack = (values: readonly number[], ts?: readonly number[]): Measured => ({
  role: 'attack:pgd-10',
  rows: series('robust_nll', values, ts),
});
const spectrum = (values: readonly number[], ts?: readonly number[]): Measured => ({
  role: 'spectrum',
  rows: series('eigenvalue_mean', values, ts),
});

test('correlations agree with values computed by hand, ties sharing their rank', () => {
  const found = summaryOf(path, attack([1, 2, 2, 4]), spectrum([10, 20, 30, 20]));
  // Deviations (-1.25, -0.25, -0.25, 1.75) and (-10, 0, 10, 0): 10 / sqrt(4.75 * 200).
  expect(found['pgd-10.pearson']).toBeCloseTo(10 / Math.sqrt(950), 14);
  // Ranks (1, 2.5, 2.5, 4) and (1, 2.5, 4, 2.5): 2.25 / 4.5.
  expect(found['pgd-10.spearman']).toBeCloseTo(0.5, 14);
});

test('correlations use the points that both have', () => {
  const found = summaryOf(
    path,
    attack([9, 1, 2, 3], [0.1, 0.2, 0.5, 1]),
    spectrum([3, 2, 1, 7], [0.2, 0.5, 1, 0.9]),
  );
  expect(found['pgd-10.pearson']).toBeCloseTo(-1, 14);
});

test.each([
  ['a constant series', [0.1, 0.1, 0.1], [1, 2, 3], 'constant', 3],
  ['two points', [1, 2], [2, 1], 'too-few', 2],
  ['one point', [1], [2], 'too-few', 1],
  ['a loss that overflowed', [1, NaN, 3], [1, 2, 3], 'overflow', 3],
  ['nothing at all', [], [1, 2], 'no-values', 0],
])('the correlation of %s does not exist', (_what, losses, curvatures, reason, n) => {
  const ts = [0, 0.5, 1];
  const rows = summarisePath([path, attack(losses, ts), spectrum(curvatures, ts)]);
  const found = rows.filter(({ series: name }) => /pearson|spearman/.test(name));
  expect(found.length).toBeGreaterThanOrEqual(2);
  const expected = reason === 'no-values' ? 'too-few' : reason;
  for (const row of found.filter(({ series: name }) => name.includes('eigenvalue'))) {
    expect(row).toMatchObject({ value: NaN, n, reason: expected });
  }
  expect(rows).toContainEqual({ series: 'pgd-10.correlation_points', x: 0, value: n });
});

test('a spectrum without the main predictor leaves its correlation absent', () => {
  const rows = summarisePath([path, attack([1, 2, 3]), { role: 'spectrum', rows: [] }]);
  expect(rows).toContainEqual({
    ...{ series: 'pgd-10.pearson', x: 0 },
    ...absent('no-values', 0),
  });
});

test('on a path of length zero the mean over its length is that of a constant, and none of another', () => {
  const same = evaluation([0.25, 0.25, 0.25], [0, 0, 0]);
  expect(summaryOf(same)).toMatchObject({ 'test_nll.integral': 0.25, 'arc_length.total': 0 });
  const rows = summarisePath([evaluation([1, 2, 3], [0, 0, 0])]);
  expect(rows).toContainEqual({
    ...{ series: 'test_nll.integral', x: 0 },
    ...absent('zero-length', 3),
  });
});

test('what does not exist at one t takes no statistic with it, and the n says so', () => {
  const rows = evaluation([1, 9, 3], [0, 1, 3]).rows.map((row) =>
    row.series === 'test_nll' && row.x === 0.5 ? { ...row, ...absent('zero-gradient', 0) } : row,
  );
  const found = summarisePath([{ role: 'evaluation', rows }]);
  const of = (statistic: string) => found.find((row) => row.series === `test_nll.${statistic}`);
  expect(of('min')).toMatchObject({ value: 1, n: 2 });
  expect(of('max')).toMatchObject({ value: 3, n: 2 });
  expect(of('mean')).toMatchObject({ value: 2, n: 2 });
  expect(of('integral')).toMatchObject({ value: 2, n: 2 });
  expect(of('barrier')).toMatchObject({ value: 0, n: 2 });
});

test('a path with attacks but no spectrum has no correlations', () => {
  expect(Object.keys(summaryOf(path, attack([1, 2, 3])))).not.toContain('pgd-10.pearson');
});

test('a path that was not evaluated is refused by the name of what is missing', () => {
  expect(() => summarisePath([])).toThrow('no arc_length was measured');
});

test('barriers of clean and attacked series are there by both definitions, with where they are', () => {
  const attacked: Measured = {
    role: 'attack:pgd.0.1',
    rows: [
      ...series('robust_error', [20, 90, 50, 40, 60]),
      ...series('clean_nll', [1, 1, 1, 1, 1]),
    ],
  };
  const found = summaryOf(evaluation([1, 5, 2], [0, 1, 2]), attacked);
  // Line 1 -> 2: 1.5 at t = 0.5, so 3.5; the mean of the ends is 1.5 as well.
  expect(found).toMatchObject({
    ...{ 'test_error.barrier': 3.5, 'test_error.barrier_at': 0.5 },
    ...{ 'test_error.barrier_over_mean': 3.5, 'test_error.barrier_over_mean_at': 0.5 },
    // Line 20 -> 60: 30 at t = 0.25, so 60; the mean of the ends is 40.
    ...{ 'pgd.0.1.robust_error.barrier': 60, 'pgd.0.1.robust_error.barrier_at': 0.25 },
    ...{ 'pgd.0.1.robust_error.barrier_over_mean': 50, 'pgd.0.1.robust_error.min': 20 },
    ...{ 'pgd.0.1.robust_error.max': 90, 'pgd.0.1.clean_nll.barrier': 0 },
  });
});

test('the loss is correlated with everything that the spectrum measured, with intervals around each', () => {
  const ts = grid(9);
  const loss = [1, 2, 4, 7, 9, 8, 5, 3, 2];
  const measured: Measured = {
    role: 'spectrum',
    rows: [
      ...series('eigenvalue_mean', [2, 3, 5, 9, 9.5, 8.5, 6, 2, 3]),
      ...series('gradient_l1_mean', [5, 4, 6, 6.5, 7, 8, 7.5, 5.5, 4.5]),
      ...series('lanczos_steps_max', ts),
    ],
  };
  const found = summaryOf(path, attack(loss), measured);
  expect(found['pgd-10.pearson.eigenvalue_mean']).toBe(found['pgd-10.pearson']);
  expect(found['pgd-10.spearman.eigenvalue_mean']).toBe(found['pgd-10.spearman']);
  expect(found['pgd-10.correlation_points']).toBe(9);
  for (const name of [
    'pearson.gradient_l1_mean',
    'spearman.eigenvalue_mean',
    'partial.eigenvalue_mean',
  ]) {
    const [value, low, high] = ['', '.low', '.high'].map((end) => found[`pgd-10.${name}${end}`]!);
    expect(low).toBeLessThan(value!);
    expect(high).toBeGreaterThan(value!);
    expect([low! >= -1, high! <= 1]).toEqual([true, true]);
  }
  expect(Object.keys(found).filter((name) => name.includes('lanczos'))).toEqual([]);
  expect(found).toEqual(summaryOf(path, attack(loss), measured));
});

test('barriers of an attack and of more of its steps are told by the name of the attack', () => {
  const rows = [...series('short_error', [10, 30, 10]), ...series('long_error', [10, 40, 20])];
  const found = summaryOf(evaluation([0, 0, 0], [0, 1, 2]), { role: 'convergence:pgd-10', rows });
  expect(found).toMatchObject({
    'pgd-10.short_error.barrier': 20,
    'pgd-10.long_error.barrier': 25,
    'pgd-10.long_error.barrier_at': 0.5,
    'pgd-10.long_error.barrier_over_mean': 25,
  });
  expect(Object.keys(found)).not.toContain('pgd-10.error_gap.barrier');
});

test('a certificate has the barriers of its error, by method and by each radius above 0', () => {
  const rows = [
    ...series('certified_accuracy:relative:0', [95, 94, 95]),
    ...series('certified_accuracy:relative:0.1', [80, 10, 60]),
    ...series('certified_margin:relative:0.1', [1, -1, 1]),
    ...series('matrix_measure', [0, 0, 0]),
  ];
  const found = summaryOf(evaluation([0, 0, 0], [0, 1, 2]), { role: 'certificate:mm', rows });
  const of = (statistic: string) => found[`mm.certified_error:relative:0.1.${statistic}`];
  // Errors 20, 90, 40: the line between the ends is at 30, as their mean is.
  expect([of('min'), of('max')]).toEqual([20, 90]);
  expect([of('barrier'), of('barrier_at')]).toEqual([60, 0.5]);
  expect([of('barrier_over_mean'), of('barrier_over_mean_at')]).toEqual([60, 0.5]);
  const names = Object.keys(found).filter((name) => name.startsWith('mm.'));
  expect(names.filter((name) => !name.startsWith('mm.certified_error:relative:0.1.'))).toEqual([]);
});

test('accuracy that rises between the ends is no certified barrier', () => {
  const rows = series('certified_accuracy:box:0.05', [40, 90, 60]);
  const found = summaryOf(evaluation([0, 0, 0], [0, 1, 2]), { role: 'certificate:mm', rows });
  expect(found['mm.certified_error:box:0.05.barrier']).toBe(0);
  // The higher end is 60 % wrong, the mean of both 50 %.
  expect(found['mm.certified_error:box:0.05.barrier_over_mean']).toBe(10);
});
