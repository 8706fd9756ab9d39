// Experiments at the edges of what can be measured, on real MNIST: every row may be stored, and says what is right.
import { expect, test } from 'vitest';
import { lossBound, outOfBounds } from '../../experiment/records/loss-bound.js';
import { metricRowSchema } from '../../experiment/records/record-schemas.js';
import type { MetricRow } from '../../experiment/records/records.js';
import { carryOut } from '../activities/in-process.js';

const degenerate = `
name: degenerate
dataset: mnist
model: cnn-small
endpoints:
  A: { seed: 1, steps: 20 }
  Z: { from: A, noise: { scale: 1, other: A }, seed: 7 } # the distance is 0: the same weights
  B: { seed: 2, steps: 2 }
  K: { from: A, noise: { scale: 300, other: B }, seed: 8 } # huge logits
curves:
  same: { from: A, to: Z, steps: 1, learningRate: 1e-9 }
  wild: { from: A, to: K, steps: 1, learningRate: 1e-9 }
evaluation: { points: 2, straightLine: true }
attacks:
  one: { epsilon: 0.1, stepSize: 0.05, steps: 2, images: 1, points: 2, target: { class: 8 } }
spectrum: { images: 3, points: 2, gradients: true, prediction: { epsilon: 0.1 } }
weightSpectrum: { images: 1, points: 2, maxSteps: 2, trace: { probes: 2 } }
`;

test('equal weights, huge logits, one image and two points leave no value without its reason', async () => {
  const found = await carryOut(degenerate);
  for (const rows of found.values()) {
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(metricRowSchema.parse(row)).toEqual(row);
  }
  const row = (run: string, series: string, x: number): MetricRow => {
    const one = found.get(run)!.find((r) => r.series === series && r.x === x);
    if (one === undefined) throw new Error(`no ${series} of ${run} at ${x}`);
    return one;
  };
  // The straight line between equal weights has length 0 and one loss.
  const line = row('evaluation/same/line', 'test_nll', 0).value;
  expect(row('summary/same/line', 'arc_length.total', 0).value).toBe(0);
  expect(row('summary/same/line', 'test_nll.integral', 0)).toMatchObject({ value: line, n: 2 });
  expect(row('summary/same', 'one.pearson', 0)).toMatchObject({ reason: 'too-few', n: 2 });
  expect([0, 100]).toContain(row('attack/same/one', 'targeted_success', 0).value);
  const wild = (series: string) => row('spectrum/wild', series, 1);
  expect(wild('eigenvalue_mean').value).toBe(0);
  expect(wild('first_order_nll_mean').value).toBeGreaterThan(1e6);
  expect(wild('second_order_nll_mean')).toMatchObject({
    ...{ value: wild('first_order_nll_mean').value, n: 3 },
  });
  expect(wild('alignment_mean').reason).toMatch(/^zero-curvature$|^no-values$/);
}, 180_000);

const runaway = `
name: runaway
dataset: mnist
model: cnn-small
endpoints:
  A: { seed: 1, steps: 3 }
  B: { seed: 2, steps: 30, learningRate: 10 }
curves: {}
`;

test('a loss that left its bounds without becoming infinite is stored, one within them is not', async () => {
  const found = await carryOut(runaway);
  const excess = found.get('endpoint/B')!.filter(({ series }) => series === outOfBounds);
  const losses = found.get('endpoint/B')!.filter(({ series }) => series === 'batch_loss');
  const largest = Math.max(...losses.map(({ value }) => value));
  expect(largest).toBeGreaterThan(lossBound(10));
  expect(excess.at(-1)).toEqual({ series: outOfBounds, x: 0, value: largest });
  expect(found.get('endpoint/A')!.some(({ series }) => series === outOfBounds)).toBe(false);
}, 180_000);
