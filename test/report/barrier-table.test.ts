/** Barriers of certificates beside those of clean and attacked error. */
import { expect, test } from 'vitest';
import { barrierTable } from '../../report/tables/analysis-tables.js';
import type { CurveView } from '../../report/view/records.js';

function rows(statistics: Readonly<Record<string, number>>) {
  const certificate = { name: 'mm', methods: ['relative', 'box'], epsilons: [0, 0.1] };
  const fitted = { kind: 'curve', statistics, attacks: [], certificates: [certificate] };
  const curve = { name: 'A-B', fitted, line: null } as unknown as CurveView;
  return barrierTable(curve).rows;
}

test('each method and radius with a certified barrier has a row after clean error', () => {
  const statistics = (prefix: string, height: number) => ({
    [`${prefix}.barrier`]: height,
    [`${prefix}.barrier_at`]: 0.5,
    [`${prefix}.barrier_over_mean`]: height + 1,
    [`${prefix}.barrier_over_mean_at`]: 0.4,
  });
  const found = rows({
    ...statistics('test_error', 2),
    ...statistics('mm.certified_error:relative:0.1', 60),
    ...statistics('mm.certified_error:box:0.1', 70),
  });
  expect(found).toEqual([
    ['test error %', '2.00', '0.50', '3.00', '0.40'],
    ['mm relative, ε 0.1: not certified %', '60.00', '0.50', '61.00', '0.40'],
    ['mm box, ε 0.1: not certified %', '70.00', '0.50', '71.00', '0.40'],
  ]);
});

test('a summary from before certificates were taken up has no such row', () => {
  expect(rows({ 'test_error.barrier': 2 })).toHaveLength(1);
});
