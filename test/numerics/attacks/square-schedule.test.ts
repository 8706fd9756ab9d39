// When the squares of the Square Attack get smaller, against the places of the published schedule.
import { describe, expect, test } from 'vitest';
import {
  squarePlace,
  squareShare,
  squareSide,
} from '../../../numerics/attacks/square/square-schedule.js';

/** The first query of each share of the image, of a budget. */
function changes(schedule: 'scaled' | 'fixed', queries: number): number[] {
  const shares = Array.from({ length: queries }, (_, i) =>
    squareShare(squarePlace(schedule, i, queries)),
  );
  return shares.flatMap((share, i) => (i > 0 && share !== shares[i - 1] ? [i] : []));
}

describe('the share that a square covers', () => {
  const published = [11, 51, 201, 501, 1001, 2001, 4001, 6001, 8001];

  // 0.8 until the 10th of 10,000, then half of it until the 50th, and so on (Andriushchenko et al. 2020, section 5).
  test('is halved at the published places of 10,000 queries under either schedule', () => {
    expect(squareShare(0)).toBe(0.8);
    expect(squareShare(10_000)).toBe(0.8 / 512);
    expect(changes('scaled', 10_000)).toEqual(published);
    expect(changes('fixed', 10_000)).toEqual(published);
  });
  test('scaled, at the same parts of any budget', () => {
    expect(changes('scaled', 500)).toEqual([1, 3, 11, 26, 51, 101, 201, 301, 401]);
    expect(changes('scaled', 20_000)).toEqual(published.map((place) => 2 * place));
  });
  test('fixed, where it is, as far as the budget goes', () => {
    expect(changes('fixed', 500)).toEqual([11, 51, 201]);
    expect(changes('fixed', 5000)).toEqual([11, 51, 201, 501, 1001, 2001, 4001]);
  });
});

test('a side is that of the share, at least as asked and at most the image', () => {
  expect(squareSide(0, 28, 28, 1)).toBe(25);
  expect(squareSide(9000, 28, 28, 1)).toBe(1);
  expect(squareSide(9000, 28, 28, 3)).toBe(3);
  expect(squareSide(0, 2, 40, 1)).toBe(2);
});
