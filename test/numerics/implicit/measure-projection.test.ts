// Projection onto well-posed coupling matrices: by hand, against bisection in float64, and nearer than anything else.
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { projectMeasure } from '../../../numerics/implicit/measure-projection.js';
import { matrixMeasure } from '../../../numerics/implicit/parametrisation.js';
import { normals, stream } from '../../../numerics/random.js';
import { difference, expectNoLeaks, values } from '../engine.js';

expectNoLeaks();
const n = 6;
const m = 0.3;

function randomMatrix(seed: number, size = 1): number[] {
  return [...normals(stream(seed, 'init', 0), n * n)].map((z) => size * z);
}

const project = (matrix: readonly number[], side = n, bound = m): number[] =>
  tf.tidy(() => [...values(projectMeasure(tf.tensor2d([...matrix], [side, side]), bound))]);

/** A row with the entries moved by λ. */
function shrunk(row: readonly number[], i: number, lambda: number): number[] {
  return row.map((one, j) =>
    j === i ? one - lambda : Math.sign(one) * Math.max(0, Math.abs(one) - lambda),
  );
}

function rowMeasure(row: readonly number[], i: number): number {
  return row.reduce((sum, one, j) => sum + (j === i ? one : Math.abs(one)), 0);
}

function byBisection(row: readonly number[], i: number): number[] {
  if (rowMeasure(row, i) <= m) return [...row];
  let [low, high] = [0, 100];
  for (let k = 0; k < 200; k++) {
    const middle = (low + high) / 2;
    if (rowMeasure(shrunk(row, i, middle), i) > m) low = middle;
    else high = middle;
  }
  return shrunk(row, i, high);
}

test('by hand: an entry that stays, one that vanishes, and a row that is in the set', () => {
  // Row (1, 2) to measure 0: 1 - λ + 2 - λ = 0 at λ = 3/2. Row (4, 1): 4 - λ = 0, where 1 has vanished.
  expect(project([1, 2, 0.5, -5], 2, 0)).toEqual([-0.5, 0.5, 0.5, -5]);
  expect(project([4, 1, 0, 3], 2, 0)).toEqual([0, 0, 0, 0]);
  expect(project([2, 0.5, -1, 0.25], 2, 0)[2]).toBeCloseTo(-0.375, 6);
});

test('agrees with bisection row by row, and leaves well-posed matrices as they are', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const matrix = randomMatrix(seed, seed % 3 === 0 ? 0.1 : 1);
    const rows = Array.from({ length: n }, (_, i) => matrix.slice(i * n, (i + 1) * n));
    const expected = rows.flatMap(byBisection);
    const found = project(matrix);
    expect(Math.max(...found.map((one, i) => Math.abs(one - expected[i]!)))).toBeLessThan(1e-5);
    const again = project(found);
    expect(Math.max(...again.map((one, i) => Math.abs(one - found[i]!)))).toBeLessThan(1e-6);
  }
});

test('its measure is at most m, and no well-posed matrix that was drawn is nearer', () => {
  for (let seed = 1; seed <= 10; seed++) {
    const matrix = randomMatrix(seed);
    const found = project(matrix);
    tf.tidy(() => {
      const a = tf.tensor2d(found, [n, n]);
      expect(values(matrixMeasure(a, tf.ones([n])))[0]).toBeLessThan(m + 1e-6);
      expect(difference(a, found)).toBe(0);
    });
    const distance = (to: readonly number[]) => Math.hypot(...to.map((one, i) => one - matrix[i]!));
    for (let k = 0; k < 50; k++) {
      const near = randomMatrix(1000 * seed + k, 0.3).map((z, i) => found[i]! + z);
      expect(distance(project(near))).toBeGreaterThan(distance(found) - 1e-5);
    }
    // Lowering the diagonal alone makes it well-posed as well, further away.
    const lowered = matrix.map((one, at) => {
      const [i, j] = [Math.floor(at / n), at % n];
      const excess = rowMeasure(matrix.slice(i * n, (i + 1) * n), i) - m;
      return i === j ? one - Math.max(0, excess) : one;
    });
    expect(distance(lowered)).toBeGreaterThan(distance(found) + 0.1);
  }
});
