// The QL iteration beside a dense solver that shares no code with it.
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { tridiagonalEigenvalues } from '../../../numerics/curvature/algorithms/tridiagonal.js';
import { normals, stream } from '../../../numerics/random.js';

interface Tridiagonal {
  readonly diagonal: readonly number[];
  readonly offDiagonal: readonly number[];
}

function dense({ diagonal, offDiagonal }: Tridiagonal): Matrix {
  const matrix = Matrix.diag([...diagonal]);
  offDiagonal.forEach((value, i) => {
    matrix.set(i, i + 1, value);
    matrix.set(i + 1, i, value);
  });
  return matrix;
}

function identity(size: number): Float64Array[] {
  return Array.from({ length: size }, (_, i) => new Float64Array(size).fill(1, i, i + 1));
}

function random(size: number, index: number): Tridiagonal {
  const entries = normals(stream(2, 'lanczos-start', index), 2 * size - 1);
  return { diagonal: [...entries.slice(0, size)], offDiagonal: [...entries.slice(size)] };
}

const cases: Readonly<Record<string, Tridiagonal>> = {
  'one entry': { diagonal: [3], offDiagonal: [] },
  zero: { diagonal: [0, 0, 0], offDiagonal: [0, 0] },
  'no diagonal': { diagonal: [0, 0, 0, 0], offDiagonal: [1, 2, 3] },
  'in blocks with a common eigenvalue': { diagonal: [2, 2, 1, 2], offDiagonal: [0, 0, 0] },
  graded: { diagonal: [1e8, 1, 1e-4, 1e-8], offDiagonal: [1e3, 1e-3, 1e-7] },
  'random, 5': random(5, 0),
  'random, 60': random(60, 1),
};

describe('eigenvalues of a tridiagonal matrix', () => {
  test.each(Object.entries(cases))('%s: T = S Θ S^T, and as a dense solver', (_, t) => {
    const size = t.diagonal.length;
    const rows = identity(size);
    const found = tridiagonalEigenvalues(t.diagonal, t.offDiagonal, rows);
    const matrix = dense(t);
    const scale = Math.max(1, matrix.norm());
    const { realEigenvalues } = new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
    const sorted = realEigenvalues.sort((a, b) => a - b);
    [...found]
      .sort((a, b) => a - b)
      .forEach((value, i) => {
        expect(Math.abs(value - sorted[i]!) / scale).toBeLessThan(1e-14 * size);
      });
    const s = new Matrix(rows.map((row) => [...row]));
    const remade = s.mmul(Matrix.diag([...found])).mmul(s.transpose());
    expect(Matrix.sub(remade, matrix).norm() / scale).toBeLessThan(1e-14 * size);
    expect(Matrix.sub(s.mmul(s.transpose()), Matrix.eye(size)).norm()).toBeLessThan(1e-14 * size);
  });

  test('single rows are those of all eigenvectors, bit for bit', () => {
    const { diagonal, offDiagonal } = random(20, 2);
    const all = identity(20);
    const [first, last] = [identity(20)[0]!, identity(20)[19]!];
    const whole = tridiagonalEigenvalues(diagonal, offDiagonal, all);
    expect(tridiagonalEigenvalues(diagonal, offDiagonal, [first, last])).toEqual(whole);
    expect([first, last]).toEqual([all[0], all[19]]);
  });

  test('scale with the matrix where its squares leave float64', () => {
    const { diagonal, offDiagonal } = random(12, 3);
    const known = tridiagonalEigenvalues(diagonal, offDiagonal, []);
    for (const scale of [2 ** 700, 2 ** -700]) {
      const scaled = [diagonal, offDiagonal].map((entries) => entries.map((x) => x * scale));
      const found = tridiagonalEigenvalues(scaled[0]!, scaled[1]!, []);
      found.forEach((value, i) => expect(value / scale / known[i]!).toBeCloseTo(1, 9));
    }
  });

  test('are refused where it is not finite', () => {
    expect(() => tridiagonalEigenvalues([1, NaN], [1], [])).toThrow(/not finite/);
    expect(() => tridiagonalEigenvalues([1, 1], [Infinity], [])).toThrow(/not finite/);
  });
});
