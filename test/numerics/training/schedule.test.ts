// Learning-rate schedules and the warm-up of attacks, at points where their factors are known.
import { describe, expect, test } from 'vitest';
import type { LearningRateSchedule } from '../../../experiment/specs/training.js';
import { halfLinear, learningRateFactor, warmup } from '../../../numerics/optimise/schedule.js';

describe('schedules', () => {
  test('the half-linear factor is 1, 0.505, 0.01, 0.01 at 0.5, 0.7, 0.9 and 1', () => {
    const found = [0.5, 0.7, 0.9, 1].map((alpha) => halfLinear(alpha * 1000, 1000));
    [1, 0.505, 0.01, 0.01].forEach((factor, i) => expect(found[i]).toBeCloseTo(factor, 12));
  });

  const at = (schedule: LearningRateSchedule | undefined, alphas: readonly number[]) =>
    alphas.map((alpha) => learningRateFactor(schedule, alpha * 1000, 1000));
  const close = (found: readonly number[], expected: readonly number[]) =>
    expected.forEach((factor, i) => expect(found[i]).toBeCloseTo(factor, 12));

  test('is half-linear where none is given', () => {
    close(at(undefined, [0, 0.5, 0.7, 0.9]), [1, 1, 0.505, 0.01]);
  });

  test('the cosine is 0 before its warm-up, then 1, half way the mean and last its end', () => {
    close(at({ kind: 'cosine', warmup: 0, end: 0 }, [0, 0.5, 2 / 3, 1]), [1, 0.5, 0.25, 0]);
    const warm = at({ kind: 'cosine', warmup: 0.2, end: 0.1 }, [0, 0.1, 0.2, 0.6, 1]);
    close(warm, [0, 0.5, 1, 0.55, 0.1]);
  });

  test('one cycle is two straight lines that meet at the peak', () => {
    const cycle = { kind: 'one-cycle', peak: 0.25, start: 0.2, end: 0.04 } as const;
    close(at(cycle, [0, 0.125, 0.25, 0.625, 1]), [0.2, 0.6, 1, 0.52, 0.04]);
  });

  test('piecewise schedules go through their points, or hold each factor', () => {
    const points = [[0, 1], [0.5, 0.1], [0.75, 0.2]] as const; // prettier-ignore
    const alphas = [0, 0.25, 0.5, 0.625, 0.8, 1];
    const piecewise = { kind: 'piecewise', points } as const;
    close(at({ ...piecewise, interpolation: 'linear' }, alphas), [1, 0.55, 0.1, 0.15, 0.2, 0.2]);
    close(at({ ...piecewise, interpolation: 'constant' }, alphas), [1, 1, 0.1, 0.1, 0.2, 0.2]);
  });

  test('the warm-up grows linearly from 0 and ends at its share', () => {
    expect([0, 10, 25, 90].map((step) => warmup(step, 100, 0.25))).toEqual([0, 0.4, 1, 1]);
    expect(warmup(0, 100, 0)).toBe(1);
  });
});
