/** The line through costs, its verdict, and the dimensions that are measured. */
import { describe, expect, it } from 'vitest';
import { dimensionNames, dimensions, sizes } from '../../bench/scale/dimensions.js';
import { fitLine, judgeGrowth, type Point } from '../../bench/scale/fit.js';
import { measurePlanning } from '../../bench/scale/planning.js';
import { growths } from '../../bench/scale/scale-table.js';

const doubled = [1, 2, 4, 8, 16];
const series = (cost: (size: number) => number): Point[] =>
  doubled.map((size) => [size, cost(size)]);
const tolerance = { relative: 0.25, absolute: 0.1 };

describe('growth', () => {
  it('has the fixed part and the slope of a line', () => {
    const { fixed, slope } = fitLine(series((size) => 3 + 2 * size));
    expect(fixed).toBeCloseTo(3);
    expect(slope).toBeCloseTo(2);
  });

  it('is linear for a line with noise, for a cost that does not grow and for one that grows less', () => {
    for (const cost of [
      (size: number) => 3 + 2 * size * (size % 3 === 1 ? 1.05 : 0.95),
      () => 7,
      (size: number) => Math.sqrt(size),
    ]) {
      expect(judgeGrowth(series(cost), tolerance)).toMatchObject({ isLinear: true });
    }
  });

  it('is not linear for a square, also beside a large fixed part, nor for a jump at the end', () => {
    for (const cost of [
      (size: number) => size ** 2,
      (size: number) => 1000 + size ** 2,
      (size: number) => 3 + 2 * size + (size === 16 ? 20 : 0),
    ]) {
      const { isLinear, excess } = judgeGrowth(series(cost), tolerance);
      expect(isLinear).toBe(false);
      expect(excess).toBeGreaterThan(0.25);
    }
  });

  it('forgives what figures scatter by', () => {
    const jump = series((size) => (size === 16 ? 0.19 : 0.1));
    expect(judgeGrowth(jump, tolerance)).toMatchObject({ isLinear: true });
    expect(judgeGrowth(jump, { ...tolerance, absolute: 0.05 })).toMatchObject({ isLinear: false });
  });

  it('of a dimension is judged for time and for memory', () => {
    const results = doubled.map((size) => ({
      ...{ size, firstSeconds: 1, seconds: [size + 5, size], peakMb: 100 + size ** 2 },
    }));
    const [time, memory] = growths({ dimension: 'images', results });
    expect(time).toMatchObject({ isLinear: true });
    expect(memory).toMatchObject({ isLinear: false });
  });
});

describe('dimensions', () => {
  it('are doubled four times', () => {
    for (const name of dimensionNames) {
      const all = sizes(dimensions[name]);
      expect(all).toHaveLength(5);
      for (const [i, size] of all.slice(1).entries()) expect(size).toBe(2 * all[i]!);
    }
  });

  it('end at 10,000 runs, cached and carried out, and at 100,000 planned ones', () => {
    const largest = (name: (typeof dimensionNames)[number]) => sizes(dimensions[name]).at(-1);
    expect(['runs', 'cached', 'planned'].map((name) => largest(name as 'runs'))).toEqual([
      ...[10_000, 10_000, 100_000],
    ]);
  });

  it('are planned without a stack', () => {
    for (const dimension of ['sweep', 'planned'] as const) {
      const { size, seconds } = measurePlanning(dimension, 10, 2);
      expect(size).toBe(10);
      expect(seconds).toHaveLength(2);
    }
  });
});
