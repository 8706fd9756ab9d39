// Implicit layers: the fixed point against the enumeration of all ReLU patterns, gradients against a dense solve.
import * as tf from '@tensorflow/tfjs';
import { Matrix, solve as solveDense } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { activationFor } from '../../../numerics/implicit/activation.js';
import { iterate, residuals, stepSizes } from '../../../numerics/implicit/averaged-iteration.js';
import { embeddedMatrix, embeddedProduct } from '../../../numerics/implicit/embedded.js';
import { couplingMatrix, matrixMeasure } from '../../../numerics/implicit/parametrisation.js';
import { solve } from '../../../numerics/implicit/solve.js';
import { difference, expectNoLeaks, values } from '../engine.js';
import { codedCoupling, couplingOf, freeParameters, randomNet, type SmallNet } from './nets.js';

expectNoLeaks();
const activation = activationFor('relu');
const m = 0;

/** Every pattern of active units for which x = P (A x + v) agrees with itself; the x of each. */
function consistent(a: Matrix, v: readonly number[]): readonly (readonly number[])[] {
  const n = v.length;
  const found: number[][] = [];
  for (let pattern = 0; pattern < 2 ** n; pattern++) {
    const active = v.map((_, i) => ((pattern >> i) & 1) === 1);
    const system = Matrix.eye(n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        if (active[i]) system.set(i, j, system.get(i, j) - a.get(i, j));
      }
    }
    const right = Matrix.columnVector(v.map((value, i) => (active[i] ? value : 0)));
    const x = solveDense(system, right).to1DArray();
    const z = v.map((value, i) => value + x.reduce((sum, xj, j) => sum + a.get(i, j) * xj, 0));
    const isConsistent = z.every((value, i) => value > 0 === active[i]);
    if (isConsistent) found.push(x.map((value, i) => (active[i] ? value : 0)));
  }
  return found;
}

function fixedPoint(matrix: tf.Tensor, { offset }: SmallNet, iterations: number): tf.Tensor {
  return iterate({ matrix, offset: tf.tensor2d([[...offset]]), activation }, iterations);
}

test('A is its definition, and its measure at most m, for any parameter values', () => {
  for (let seed = 1; seed <= 20; seed++) {
    tf.tidy(() => {
      const net = randomNet(6, seed);
      const a = codedCoupling(net, 0.3);
      expect(difference(a, couplingOf(net, 0.3).to1DArray())).toBeLessThan(1e-5);
      const measure = (d: tf.Tensor) => values(matrixMeasure(a, d))[0]!;
      expect(measure(tf.exp(tf.tensor1d([...net.scaling])))).toBeLessThan(0.3 + 1e-5);
    });
  }
});

test('the norm is weighted by e^η, not by its inverse', () => {
  const inverse = Array.from({ length: 20 }, (_, seed) =>
    tf.tidy(() => {
      const net = randomNet(6, seed + 1);
      const d = tf.exp(tf.neg(tf.tensor1d([...net.scaling])));
      return values(matrixMeasure(codedCoupling(net, 0), d))[0]!;
    }),
  );
  expect(Math.max(...inverse)).toBeGreaterThan(0.1);
});

test('exactly one pattern of 200 random nets is consistent, and the iteration finds it', () => {
  for (let seed = 1; seed <= 200; seed++) {
    tf.tidy(() => {
      const net = randomNet(2 + (seed % 6), seed);
      const patterns = consistent(couplingOf(net, m), net.offset);
      expect(patterns).toHaveLength(1);
      const found = fixedPoint(codedCoupling(net, m), net, 200);
      // float32: an ulp of numbers up to about 4.
      expect(difference(found, patterns[0]!)).toBeLessThan(2e-6);
    });
  }
});

test('a coupling whose measure is 1 or more may have another number of fixed points', () => {
  const counts = Array.from({ length: 200 }, (_, seed) => {
    const net = randomNet(4, seed + 1);
    const broken = couplingOf({ ...net, damping: net.damping.map(() => 0) }, 6);
    return consistent(broken, net.offset).length;
  });
  expect(counts.some((count) => count !== 1)).toBe(true);
});

test('the iteration contracts at least as fast as its factor, in the weighted norm', () => {
  for (let seed = 1; seed <= 20; seed++) {
    tf.tidy(() => {
      const net = randomNet(6, seed);
      const a = codedCoupling(net, m);
      const d = tf.exp(tf.tensor1d([...net.scaling]));
      const problem = { matrix: a, offset: tf.tensor2d([[...net.offset]]), activation };
      const limit = iterate(problem, 500);
      const away: number[] = [];
      iterate(problem, 12, (x) =>
        away.push(values(tf.max(tf.mul(d, tf.abs(tf.sub(x, limit)))))[0]!),
      );
      const measure = Math.max(0, values(matrixMeasure(a, d))[0]!);
      const factor = 1 - (1 - measure) * values(tf.min(stepSizes(a)))[0]!;
      away.slice(1).forEach((now, i) => expect(now).toBeLessThan(factor * away[i]! + 1e-5));
    });
  }
});

test('the distance to the fixed point is at most residual / (1 - μ⁺)', () => {
  const distances: number[] = [];
  for (let seed = 1; seed <= 20; seed++) {
    tf.tidy(() => {
      const net = randomNet(6, seed);
      const a = codedCoupling(net, m);
      const d = tf.exp(tf.tensor1d([...net.scaling]));
      const problem = { matrix: a, offset: tf.tensor2d([[...net.offset]]), activation };
      const [early, limit] = [iterate(problem, 3), iterate(problem, 500)];
      const distance = values(tf.max(tf.mul(d, tf.abs(tf.sub(early, limit)))))[0]!;
      const measure = Math.max(0, values(matrixMeasure(a, d))[0]!);
      const [residual] = values(residuals(problem, early, d));
      expect(distance).toBeLessThanOrEqual(residual! / (1 - measure) + 1e-6);
      distances.push(distance);
    });
  }
  expect(Math.max(...distances)).toBeGreaterThan(1e-2);
});

/** Gradient of Σ g x* in v [n] and A [n, n], by a dense solve in float64. */
function denseGradients(net: SmallNet, g: readonly number[]) {
  const a = couplingOf(net, m);
  const [x] = consistent(a, net.offset);
  const slope = x!.map((value) => (value > 0 ? 1 : 0));
  const system = Matrix.eye(net.n).sub(a.transpose().mmul(Matrix.diag(slope)));
  const w = solveDense(system, Matrix.columnVector([...g])).to1DArray();
  const q = w.map((value, i) => value * slope[i]!);
  return { inOffset: q, inMatrix: q.flatMap((value) => x!.map((xj) => value * xj)) };
}

describe('gradients', () => {
  const nets = Array.from({ length: 20 }, (_, seed) => randomNet(5, seed + 1));
  const g = [1, -2, 0.5, 3, -1];
  const gradients = (net: SmallNet, adjoint?: 'one-pass') => {
    const options = { activation, iterations: 300, ...(adjoint ? { adjoint } : {}) };
    const f = (matrix: tf.Tensor, offset: tf.Tensor): tf.Tensor =>
      tf.sum(tf.mul(solve(matrix, offset, options), tf.tensor1d(g)));
    return tf.grads(f)([codedCoupling(net, m), tf.tensor2d([[...net.offset]])]);
  };
  const errors = (adjoint?: 'one-pass') =>
    nets.map((net) =>
      tf.tidy(() => {
        const [inMatrix, inOffset] = gradients(net, adjoint);
        const exact = denseGradients(net, g);
        return Math.max(
          difference(inMatrix!, exact.inMatrix),
          difference(inOffset!, exact.inOffset),
        );
      }),
    );

  test('are those of a dense solve', () => {
    expect(Math.max(...errors())).toBeLessThan(1e-4);
  });

  test('of one pass, as published, are not', () => {
    expect(Math.max(...errors('one-pass'))).toBeGreaterThan(0.1);
  });

  test('in all parameter groups are central differences, for every activation', () => {
    for (const name of ['relu', 'leaky-relu', 'tanh', 'softplus'] as const) {
      tf.tidy(() => {
        const net = randomNet(5, 17);
        const { coupling, scaling, damping } = freeParameters(net);
        const offset = tf.tensor2d([[...net.offset]]);
        const f = (...[c, s, a, v]: tf.Tensor[]): tf.Tensor => {
          const matrix = couplingMatrix({ coupling: c!, scaling: s!, damping: a! }, m);
          const x = solve(matrix, v!, { activation: activationFor(name), iterations: 300 });
          return tf.sum(tf.mul(x, tf.tensor1d(g)));
        };
        const at = [coupling, scaling, damping, offset];
        tf.grads(f)(at).forEach((gradient, k) => {
          const direction = tf.randomNormal(at[k]!.shape, 0, 1, 'float32', k);
          const moved = (h: number) =>
            values(f(...at.map((x, i) => (i === k ? tf.add(x, tf.mul(direction, h)) : x))))[0]!;
          const close = (moved(1e-3) - moved(-1e-3)) / 2e-3;
          const [exact] = values(tf.sum(tf.mul(gradient, direction)));
          // float32 values of about 5 leave 3e-4 of the difference.
          expect(Math.abs(exact! - close), `${name} ${k}`).toBeLessThan(
            5e-3 * Math.max(1, Math.abs(close)),
          );
        });
      });
    }
  });
});

test('the embedded product by centres and radii is that of the embedded matrix', () => {
  tf.tidy(() => {
    const a = codedCoupling(randomNet(5, 4), m);
    const bounds = tf.randomNormal([3, 10], 0, 1, 'float32', 6);
    const product = tf.matMul(bounds, embeddedMatrix(a), false, true);
    expect(difference(embeddedProduct(a)(bounds), product)).toBeLessThan(1e-5);
  });
});

test('the diagonal gauge, a sign of a and a constant in η leave the function as it is', () => {
  tf.tidy(() => {
    const net = randomNet(5, 3);
    const x = fixedPoint(codedCoupling(net, m), net, 300);
    const d = net.scaling.map(Math.exp);
    const same = [
      { ...net, damping: net.damping.map((a) => -a) },
      { ...net, scaling: net.scaling.map((s) => s + 0.7) },
    ];
    for (const other of same) {
      expect(difference(fixedPoint(codedCoupling(other, m), other, 300), x)).toBeLessThan(1e-5);
    }
    const gauged = {
      ...{ ...net, scaling: net.scaling.map(() => 0) },
      offset: net.offset.map((v, i) => v * d[i]!),
    };
    const z = fixedPoint(codedCoupling(gauged, m), gauged, 300);
    expect(difference(tf.div(z, tf.tensor1d(d)), x)).toBeLessThan(1e-5);
  });
});
