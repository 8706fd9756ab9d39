// Methods that know a matrix by its products alone, on matrices whose spectrum is known: built from
// chosen eigenvalues and a random orthogonal basis, so that no other eigenvalue solver is involved.
import { Matrix, QrDecomposition } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import {
  extremalEigenvalues,
  isConverged,
  type ExtremalOptions,
} from '../../../numerics/curvature/algorithms/extremal-eigenvalues.js';
import {
  solve,
  solveInGroups,
  solveSlowly,
  solveTogether,
  type ProductMethod,
  type SymmetricOperator,
} from '../../../numerics/curvature/operators/operator.js';
import { publishedEigenvalue } from '../../../numerics/curvature/measures/published-eigenvalue.js';
import {
  densityOnGrid,
  lanczosQuadrature,
  meanQuadrature,
  moment,
  smoothed,
} from '../../../numerics/curvature/algorithms/spectral-density.js';
import { estimateTrace, traceSample } from '../../../numerics/curvature/algorithms/trace.js';
import { axpy, dot, norm, scaled } from '../../../numerics/curvature/algorithms/vectors.js';
import { normals, signs, stream } from '../../../numerics/random.js';

const vector = (size: number, index: number) => normals(stream(6, 'lanczos-start', index), size);
const probe = (size: number) => (index: number) => signs(stream(6, 'probe', index), size);

/** Q diag(eigenvalues) Q^T. */
function matrixOf(eigenvalues: readonly number[], index = 0): Matrix {
  const size = eigenvalues.length;
  const random = Matrix.from1DArray(size, size, [...vector(size * size, 100 + index)]);
  const q = new QrDecomposition(random).orthogonalMatrix;
  return q.mmul(Matrix.diag([...eigenvalues])).mmul(q.transpose());
}

function operatorOf(matrix: Matrix): SymmetricOperator {
  return {
    size: matrix.rows,
    matvec: (v) => Float64Array.from(matrix.mmul(Matrix.columnVector(v)).to1DArray()),
  };
}

/** 40 of them from -3 to 10, denser in the middle. */
const eigenvalues = Array.from({ length: 40 }, (_, i) => {
  const x = (i - 19.5) / 19.5;
  return 3.5 + 6.5 * x ** 3;
}).reverse();
const matrix = matrixOf(eigenvalues);
const operator = operatorOf(matrix);
const options: ExtremalOptions = {
  ...{ largest: 3, smallest: 2, maxSteps: 40 },
  ...{ tolerance: 1e-10, noise: 1e-12 },
};
/** The random vectors of one method: `seed` and what follows it. */
const directions = (size: number, seed: number) => (index: number) =>
  vector(size, seed + 1000 * index);

describe('extremal eigenvalues', () => {
  test('are the known ones of both ends, with true residuals and orthonormal vectors', () => {
    const found = solve(operator, extremalEigenvalues(directions(40, 1), options));
    expect(found.stop).toBe('converged');
    expect(found.iterations).toBeLessThan(40);
    const pairs = [...found.largest, ...found.smallest];
    const expected = [...eigenvalues.slice(0, 3), eigenvalues[39]!, eigenvalues[38]!];
    pairs.forEach((pair, i) => {
      expect(pair.eigenvalue).toBeCloseTo(expected[i]!, 9);
      const remainder = operator.matvec(pair.vector);
      axpy(-pair.eigenvalue, pair.vector, remainder);
      expect(Math.abs(norm(remainder) - pair.residual)).toBeLessThan(1e-12);
      pairs.forEach((other, j) =>
        expect(dot(pair.vector, other.vector)).toBeCloseTo(i === j ? 1 : 0, 8),
      );
    });
  });

  test('say which of them have converged when the steps did not suffice', () => {
    const few = { ...options, maxSteps: 9, tolerance: 1e-3 };
    const found = solve(operator, extremalEigenvalues(directions(40, 2), few));
    expect(found).toMatchObject({ iterations: 9, stop: 'step-limit' });
    for (const one of [...found.largest, ...found.smallest]) {
      expect(isConverged(one)).toBe(one.residual <= 1e-3 * Math.abs(one.eigenvalue));
    }
  });

  test('converge on a smallest eigenvalue of 0', () => {
    const low = matrixOf([5, 2, 1, 0, 0, 0, 0, 0]);
    const found = solve(
      operatorOf(low),
      extremalEigenvalues(directions(8, 3), { ...options, maxSteps: 8 }),
    );
    expect(found.stop).toBe('exhausted');
    [5, 2, 1].forEach((value, i) => expect(found.largest[i]!.eigenvalue).toBeCloseTo(value, 10));
    for (const { eigenvalue } of found.smallest) expect(eigenvalue).toBeCloseTo(0, 10);
  });

  test('of the identity are as many copies of 1 as were asked for, one a step', () => {
    const found = solve(operatorOf(Matrix.eye(6)), extremalEigenvalues(directions(6, 4), options));
    const ones = (count: number) =>
      Array.from({ length: count }, () => ({
        ...{ eigenvalue: expect.closeTo(1, 12) as number, certainty: 'settled' },
      }));
    expect(found.largest).toMatchObject(ones(3));
    expect(found.smallest).toMatchObject(ones(2));
    expect(found).toMatchObject({ iterations: 5, stop: 'exhausted' });
  });

  test('of an operator with products that are not finite are refused', () => {
    const broken = { size: 6, matvec: () => new Float64Array(6).fill(NaN) };
    const ask = () => solve(broken, extremalEigenvalues(directions(6, 6), options));
    expect(ask).toThrow('the product of Lanczos step 1 is not finite');
  });

  test('refuse more than the operator has, more than the steps, and none', () => {
    const ask = (change: Partial<ExtremalOptions>) => () =>
      solve(
        operatorOf(Matrix.eye(4)),
        extremalEigenvalues(directions(4, 5), { ...options, ...change }),
      );
    expect(ask({})).toThrow("largest + smallest = 5 exceeds the operator's size 4");
    expect(ask({ smallest: 1, maxSteps: 3 })).toThrow(/needs as many steps, but maxSteps = 3/);
    expect(ask({ largest: 0, smallest: 0 })).toThrow(/no eigenvalue was asked for/);
  });
});

describe('methods', () => {
  test('give the same bits alone, on a slow operator, and together in one block operator', async () => {
    const matrices = [0, 1, 2].map((i) => operatorOf(matrixOf([9 - i, 4, 1, -2, 0.5], i)));
    const ends = { largest: 1, smallest: 1, maxSteps: 5, tolerance: 1e-3, noise: 1e-12 };
    const method = (i: number) =>
      extremalEigenvalues(directions(5, i), { ...ends, maxSteps: 3 + i });
    const alone = matrices.map((a, i) => solve(a, method(i)));
    const slow = { size: 5, matvec: async (v: Float64Array) => matrices[0]!.matvec(v) };
    expect(await solveSlowly(slow, method(0))).toEqual(alone[0]);
    let rounds = 0;
    const blocks = {
      count: 3,
      size: 5,
      matvecs: (vectors: readonly (Float64Array | null)[]) =>
        vectors.map((v, i) => v && matrices[i]!.matvec(v)),
    };
    const together = await solveTogether(blocks, [0, 1, 2].map(method), () => void rounds++);
    expect(together).toEqual(alone);
    expect(rounds).toBe(Math.max(...alone.map(({ iterations }) => iterations)));
  });
});

describe('methods in groups on one operator', () => {
  /** Takes as many products as its number says. */
  function* repeated(i: number): ProductMethod<number[]> {
    let v: Float64Array = vector(5, i);
    for (let k = 0; k <= i; k++) v = yield v;
    return [...v];
  }

  test('give the same bits as alone, in order, with the vectors of those that go on', async () => {
    const a = operatorOf(matrixOf([9, 4, 1, -2, 0.5]));
    const calls: number[] = [];
    const matvecs = async (vectors: readonly Float64Array[]) => {
      calls.push(vectors.length);
      return vectors.map((v) => a.matvec(v));
    };
    const slow = { size: 5, matvecs, matvec: async (v: Float64Array) => a.matvec(v) };
    const alone = [0, 1, 2, 3, 4].map((i) => solve(a, repeated(i)));
    expect(await solveInGroups(slow, 5, 2, repeated)).toEqual(alone);
    // Methods 0 and 1 take 1 and 2 products, 2 and 3 take 3 and 4, and 4 takes 5.
    expect(calls).toEqual([2, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1]);
    calls.length = 0;
    expect(await solveInGroups(slow, 3, 16, repeated)).toEqual(alone.slice(0, 3));
    expect(calls).toEqual([3, 2, 1]);
  });

  test('nothing can be estimated from no probe', () => {
    expect(() => estimateTrace([])).toThrow(/at least one probe/);
    expect(() => meanQuadrature([])).toThrow(/at least one probe/);
  });
});

describe('the trace', () => {
  const exact = eigenvalues.reduce((sum, value) => sum + value, 0);

  test('of a diagonal matrix is exact from one probe of signs', () => {
    const diagonal = operatorOf(Matrix.diag([1, -2, 5, 0.25]));
    const found = estimateTrace([solve(diagonal, traceSample(probe(4)(0)))]);
    expect(found).toEqual({
      ...{ trace: 4.25, probes: 1 },
      standardError: { value: NaN, n: 1, reason: 'too-few' },
    });
  });

  test('is within its standard error, which is that of the known variance', () => {
    const found = estimateTrace(
      Array.from({ length: 400 }, (_, i) => solve(operator, traceSample(probe(40)(i)))),
    );
    // Variance of v^T A v for signs: 2 (||A||_F² - Σ a_ii²).
    const squares = eigenvalues.reduce((sum, value) => sum + value ** 2, 0);
    const onDiagonal = matrix.diagonal().reduce((sum, value) => sum + value ** 2, 0);
    const expected = Math.sqrt((2 * (squares - onDiagonal)) / 400);
    // 400 samples know their deviation to about 4 %; three standard errors hold 99.7 %.
    expect(found.standardError.value / expected).toBeGreaterThan(0.85);
    expect(found.standardError.value / expected).toBeLessThan(1.15);
    expect(Math.abs(found.trace - exact)).toBeLessThan(3 * expected);
  });
});

describe('the spectral density', () => {
  test('of one probe has 2 m exact moments after m steps, and no more', () => {
    const v = vector(40, 7);
    const unit = scaled(1 / norm(v), v);
    const found = solve(operator, lanczosQuadrature(v, 4));
    expect(found.nodes).toHaveLength(4);
    let power = unit;
    for (let k = 0; k <= 8; k++) {
      const ratio = moment(found, k) / dot(unit, power);
      if (k < 8) expect(ratio).toBeCloseTo(1, 10);
      else expect(Math.abs(ratio - 1)).toBeGreaterThan(1e-3);
      power = operator.matvec(power);
    }
  });

  test('of many probes has the moments of the eigenvalues, and weights that sum to 1', () => {
    const found = meanQuadrature(
      Array.from({ length: 200 }, (_, i) => solve(operator, lanczosQuadrature(probe(40)(i), 12))),
    );
    expect(moment(found, 0)).toBeCloseTo(1, 12);
    for (const k of [1, 2, 4]) {
      const exact = eigenvalues.reduce((sum, value) => sum + value ** k, 0) / 40;
      // Sampling noise of 200 probes of 40 entries: about 1 / √8000 of the moment's spread.
      expect(Math.abs(moment(found, k) / exact - 1)).toBeLessThan(0.05);
    }
    expect(Math.max(...found.nodes)).toBeCloseTo(eigenvalues[0]!, 3);
  });

  test('smoothed with a Gaussian is a density, peaked where the eigenvalues are', () => {
    const places = Array.from({ length: 401 }, (_, i) => -10 + i / 20);
    const density = smoothed({ nodes: [-2, 4], weights: [0.25, 0.75] }, 0.5, places);
    expect(density.reduce((sum, value) => sum + value / 20, 0)).toBeCloseTo(1, 6);
    expect(places[density.indexOf(Math.max(...density))]).toBeCloseTo(4, 6);
  });
});

describe('the density on a grid', () => {
  test('loses nothing at its ends, and holds one eigenvalue as well as many', () => {
    for (const nodes of [[-2, 4, 5], [3], [0]]) {
      const weights = nodes.map(() => 1 / nodes.length);
      const { places, density, width } = densityOnGrid({ nodes, weights }, 2001, 0.01);
      const step = places[1]! - places[0]!;
      const integral = density.reduce((sum, value) => sum + value * step, 0);
      // Four standard deviations hold all but 6e-5 of a Gaussian.
      expect(Math.abs(integral - 1)).toBeLessThan(1e-4);
      expect(places[0]).toBeCloseTo(Math.min(...nodes) - 4 * width, 10);
      expect(places.at(-1)).toBeCloseTo(Math.max(...nodes) + 4 * width, 10);
    }
  });
});

describe('the published power iteration', () => {
  const known = operatorOf(matrixOf([0.5, 0.2, 0.1, 0]));

  /** The published loop, with T = batches · A, in plain words. */
  function* reference(start: Float64Array, batches: number): ProductMethod<number[]> {
    let v = scaled(1 / (norm(start) + 1e-6), start);
    const estimates: number[] = [];
    for (let i = 0; i < 10; i++) {
      const t = scaled(batches, yield v);
      estimates.push(dot(t, v) / batches);
      v = scaled(1 / (norm(t) + 1e-6), t);
    }
    return estimates;
  }

  test('stops when two estimates differ by less than the absolute tolerance, and returns the last', () => {
    const sum = { size: 4, matvec: (v: Float64Array) => scaled(3, known.matvec(v)) };
    const all = solve(known, reference(vector(4, 8), 3));
    const stop = all.findIndex((value, i) => i > 0 && Math.abs(value - all[i - 1]!) < 1e-2);
    expect(stop).toBeGreaterThan(1);
    const found = solve(
      sum,
      publishedEigenvalue(vector(4, 8), 3, { maxSteps: 10, tolerance: 1e-2 }),
    );
    expect(found).toMatchObject({ iterations: stop + 1, converged: true });
    expect(found.eigenvalue).toBeCloseTo(all[stop]!, 12);
  });

  test('stops below its limit, at a value that depends on the start vector', () => {
    // As a batch's slots have it: one large eigenvalue each, close to one another; the limit is 1.
    const slots = operatorOf(matrixOf(Array.from({ length: 40 }, (_, i) => 0.97 ** i)));
    const ask = (maxSteps: number, tolerance: number) => (index: number) =>
      solve(slots, publishedEigenvalue(vector(40, 20 + index), 1, { maxSteps, tolerance }));
    const found = [0, 1, 2, 3, 4].map(ask(10, 1e-2)).map(({ eigenvalue }) => eigenvalue);
    expect(ask(2000, 0)(0).eigenvalue).toBeCloseTo(1, 4);
    for (const eigenvalue of found) {
      expect(eigenvalue).toBeLessThan(0.99);
      expect(eigenvalue).toBeGreaterThan(0.5);
    }
    expect(Math.max(...found) - Math.min(...found)).toBeGreaterThan(0.02);
  });

  test('ends after its last step, unsettled, with the estimate of that step', () => {
    const found = solve(known, publishedEigenvalue(vector(4, 8), 1, { maxSteps: 3, tolerance: 0 }));
    expect(found).toMatchObject({ iterations: 3, converged: false });
    expect(found.eigenvalue).toBeCloseTo(solve(known, reference(vector(4, 8), 1))[2]!, 12);
    const none = () =>
      solve(known, publishedEigenvalue(vector(4, 8), 1, { maxSteps: 0, tolerance: 0 }));
    expect(none).toThrow(/at least one step/);
  });
});
