// Copies of eigenvalues and ends of different size: what Lanczos stores must be the m-th eigenvalue, or
// say that it may not be. Matrices with chosen eigenvalues, a dense solver, and J^T S J of rank C - 1.
import fc from 'fast-check';
import { EigenvalueDecomposition, Matrix, QrDecomposition } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import {
  extremalEigenvalues,
  isConverged,
  type Eigenvalue,
  type ExtremalOptions,
  type ExtremalResult,
} from '../../../numerics/curvature/algorithms/extremal-eigenvalues.js';
import { gaussNewton } from '../../../numerics/curvature/operators/gauss-newton.js';
import { largestEigenvalue } from '../../../numerics/curvature/algorithms/lanczos.js';
import { solve, type SymmetricOperator } from '../../../numerics/curvature/operators/operator.js';
import { dot, norm } from '../../../numerics/curvature/algorithms/vectors.js';
import { normals, stream } from '../../../numerics/random.js';

const vector = (size: number, index: number) => normals(stream(9, 'lanczos-start', index), size);
const directions = (size: number) => (index: number) => vector(size, index);

/** Q diag(eigenvalues) Q^T. */
function operatorWith(eigenvalues: readonly number[]): SymmetricOperator {
  const size = eigenvalues.length;
  const random = Matrix.from1DArray(size, size, [...vector(size * size, 500)]);
  const q = new QrDecomposition(random).orthogonalMatrix;
  const matrix = q.mmul(Matrix.diag([...eigenvalues])).mmul(q.transpose());
  return {
    size,
    matvec: (v) => Float64Array.from(matrix.mmul(Matrix.columnVector(v)).to1DArray()),
  };
}

function endsOf(operator: SymmetricOperator, change: Partial<ExtremalOptions>): ExtremalResult {
  const options = { largest: 3, smallest: 3, maxSteps: 20, tolerance: 1e-8, noise: 1e-11 };
  return solve(operator, extremalEigenvalues(directions(operator.size), { ...options, ...change }));
}

const valuesOf = (end: readonly Eigenvalue[]) => end.map(({ eigenvalue }) => eigenvalue);
const near = (values: readonly number[], digits = 8) =>
  values.map((value) => expect.closeTo(value, digits) as number);

describe('copies of an eigenvalue', () => {
  test('of a matrix of rank 5 in 60 dimensions: the smallest are zeros, and known to be all zeros', () => {
    const found = endsOf(operatorWith([5, 3, 2, 0.5, 0.25, ...new Array<number>(55).fill(0)]), {});
    expect(valuesOf(found.smallest)).toEqual(near([0, 0, 0]));
    expect(valuesOf(found.largest)).toEqual(near([5, 3, 2]));
    expect([...found.largest, ...found.smallest].map((e) => e.certainty)).toEqual(
      new Array(6).fill('settled'),
    );
    // Six distinct eigenvalues, then one step for each further zero.
    expect(found).toMatchObject({ iterations: 8, stop: 'exhausted' });
  });

  test('at both ends, of different number, come to light in order', () => {
    const middle = [1, 0.5, 0.1];
    const found = endsOf(operatorWith([4, 4, 3, ...middle, ...middle, -2, -2, -2, -2]), {
      maxSteps: 13,
    });
    expect(valuesOf(found.largest)).toEqual(near([4, 4, 3]));
    expect(valuesOf(found.smallest)).toEqual(near([-2, -2, -2]));
    expect([...found.largest, ...found.smallest].every((e) => e.certainty === 'settled')).toBe(
      true,
    );
  });

  test('that the steps do not suffice to look for leave every value but the outermost unproven', () => {
    const found = endsOf(operatorWith([4, 4, 3, 2, 1, 0.5, -1, -1]), { maxSteps: 6 });
    expect(found.stop).toBe('step-limit');
    expect(found.largest.map(({ certainty }) => certainty)).toEqual([
      'settled',
      'distinct',
      'distinct',
    ]);
    // Eigenvalues all of them, to their residuals; but the second largest is 4.
    expect(valuesOf(found.largest)).toEqual(near([4, 3, 2]));
    expect(found.largest.every(isConverged)).toBe(true);
  });

  test('are looked for only in spaces that are exhausted: converged inner values stay distinct', () => {
    const many = Array.from({ length: 200 }, (_, i) => Math.sin(i));
    const found = endsOf(operatorWith([40, 20, 20, ...many, -30, -60]), {
      ...{ largest: 2, smallest: 2, maxSteps: 60 },
    });
    expect(found.stop).toBe('converged');
    expect(found.iterations).toBeLessThan(60);
    expect(found.largest.map((e) => [e.eigenvalue, e.certainty])).toEqual([
      [expect.closeTo(40, 8), 'settled'],
      [expect.closeTo(20, 8), 'distinct'],
    ]);
  });

  test('are looked for where the space is all but exhausted when the last value converges', () => {
    // With this start vector every residual is below 1e-6 one step before the space ends.
    const values = Array.from({ length: 60 }, (_, i) => (i < 9 ? 0.2 ** i : 0));
    const diagonal = { size: 60, matvec: (v: Float64Array) => v.map((x, i) => x * values[i]!) };
    const from = (i: number) => normals(stream(6, 'lanczos-start', i), 60);
    const found = solve(
      diagonal,
      extremalEigenvalues(from, {
        ...{ largest: 1, smallest: 3, maxSteps: 14, tolerance: 1e-4, noise: 1e-6 },
      }),
    );
    expect(found.stop).toBe('exhausted');
    expect(valuesOf(found.smallest)).toEqual(near([0, 0, 0], 5));
  });

  test('whatever the multiplicities: what is settled is the m-th eigenvalue', () => {
    const spectrum = fc
      .array(fc.tuple(fc.integer({ min: -6, max: 6 }), fc.integer({ min: 1, max: 4 })), {
        ...{ minLength: 1, maxLength: 6 },
      })
      .map((pairs) => pairs.flatMap(([value, copies]) => new Array<number>(copies).fill(value)))
      .filter((all) => all.length >= 4);
    fc.assert(
      fc.property(spectrum, fc.integer({ min: 4, max: 24 }), (all, maxSteps) => {
        const sorted = all.toSorted((a, b) => b - a);
        const found = endsOf(operatorWith(all), { largest: 2, smallest: 2, maxSteps });
        check(found.largest, sorted);
        check(found.smallest, sorted.toReversed());
        if (maxSteps >= all.length) expect(found.stop).not.toBe('step-limit');
      }),
      { numRuns: 150, seed: 4 },
    );
    function check(end: readonly Eigenvalue[], expected: readonly number[]): void {
      end.forEach(({ eigenvalue, residual, certainty }, m) => {
        // A residual bounds the distance from the nearest eigenvalue, whatever the place.
        const nearest = Math.min(...expected.map((value) => Math.abs(value - eigenvalue)));
        expect(nearest).toBeLessThanOrEqual(residual + 1e-9);
        if (certainty === 'settled') expect(eigenvalue).toBeCloseTo(expected[m]!, 7);
      });
    }
  });
});

describe('an end that is clustered or small', () => {
  test('converges by its own size, not by that of the other end', () => {
    // 300 from 0 to -1, dense at the end, below a largest eigenvalue of 1000.
    const low = Array.from({ length: 300 }, (_, i) => -Math.sin((Math.PI * i) / 600));
    const operator = operatorWith([1000, 30, ...low]);
    const few = endsOf(operator, { largest: 1, smallest: 1, maxSteps: 12, tolerance: 1e-3 });
    expect(few.largest[0]!.certainty).toBe('settled');
    // Well within 1e-3 of the largest eigenvalue, and 1 % off.
    expect(few.smallest[0]!.residual).toBeLessThan(1);
    expect(few.smallest[0]!.eigenvalue).toBeGreaterThan(-1 + 0.005);
    expect(few).toMatchObject({ stop: 'step-limit', smallest: [{ certainty: 'unconverged' }] });
    const more = endsOf(operator, { largest: 1, smallest: 1, maxSteps: 150, tolerance: 1e-3 });
    expect(more.stop).toBe('converged');
    expect(Math.abs(more.smallest[0]!.eigenvalue + low.length / 300)).toBeLessThan(1e-3);
  });

  test('of 0 converges to the accuracy of the products, which nothing can better', () => {
    const values = [10, 4, 1, ...Array.from({ length: 40 }, (_, i) => i / 400)];
    const found = endsOf(operatorWith(values), {
      ...{ largest: 1, smallest: 1, maxSteps: 40, tolerance: 1e-4, noise: 1e-6 },
    });
    expect(found.stop).toBe('converged');
    expect(Math.abs(found.smallest[0]!.eigenvalue)).toBeLessThan(1e-5);
  });
});

describe('J^T S J of 5 classes in 30 pixels', () => {
  const rows = [0, 1, 2, 3, 4].map((c) => vector(30, 700 + c));
  const probabilities = [0.1, 0.2, 0.3, 0.15, 0.25];
  const operator = gaussNewton({ rows, probabilities });

  test('has both ends of the dense matrix: four values, and 26 zeros', () => {
    const columns = Array.from({ length: 30 }, (_, i) => [
      ...operator.matvec(Float64Array.from({ length: 30 }, (__, j) => Number(i === j))),
    ]);
    const dense = new EigenvalueDecomposition(new Matrix(columns), { assumeSymmetric: true });
    const sorted = dense.realEigenvalues.sort((a, b) => b - a);
    const found = endsOf(operator, { largest: 5, smallest: 5, maxSteps: 12 });
    expect(valuesOf(found.largest)).toEqual(near(sorted.slice(0, 5)));
    expect(valuesOf(found.smallest)).toEqual(near(sorted.slice(-5).reverse()));
    expect(found).toMatchObject({ stop: 'exhausted', iterations: 10 });
  });

  test('has orthonormal vectors, those of the copies too', () => {
    const { smallest } = endsOf(operator, { largest: 1, smallest: 4 });
    smallest.forEach((a, i) =>
      smallest.forEach((b, j) => expect(dot(a.vector, b.vector)).toBeCloseTo(i === j ? 1 : 0, 10)),
    );
    for (const { vector: y } of smallest) expect(norm(operator.matvec(y))).toBeLessThan(1e-9);
  });

  test('the largest alone says why it ended', () => {
    const ask = (maxSteps: number, tolerance: number) =>
      largestEigenvalue(operator, vector(30, 0), { maxSteps, tolerance }).stop;
    expect([ask(2, 1e-10), ask(30, 0.3), ask(30, 0)]).toEqual([
      'step-limit',
      'converged',
      'exhausted',
    ]);
  });
});
