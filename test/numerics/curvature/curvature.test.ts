// The eigenvalues are checked against closed forms first (diagonal matrices, softmax regression),
// then against ml-matrix's dense solver, which shares no code with Lanczos beyond the tiny
// tridiagonal problem; the Jacobian against differences of the logits themselves.
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { makeResident } from '../../../numerics/data/resident.js';
import type { LabelledImages } from '../../../experiment/records/labelled-images.js';
import {
  closedFormEigenvalues,
  gaussNewton,
  type ImageJacobian,
} from '../../../numerics/curvature/operators/gauss-newton.js';
import { createJacobian } from '../../../numerics/curvature/operators/input-jacobian.js';
import {
  inputSpectrum,
  summariseSpectrum,
} from '../../../numerics/curvature/measures/input-spectrum.js';
import { lanczos, largestEigenvalue } from '../../../numerics/curvature/algorithms/lanczos.js';
import type { SymmetricOperator } from '../../../numerics/curvature/operators/operator.js';
import { dot } from '../../../numerics/curvature/algorithms/vectors.js';
import type { Model } from '../../../numerics/models/model.js';
import { modelFor } from '../../../numerics/models/registry.js';
import { toTensors } from '../../../numerics/models/parameters.js';
import { normals, stream } from '../../../numerics/random.js';
import {
  difference,
  expectNoLeaks,
  host,
  linearModel,
  syntheticDigits,
  values,
} from '../engine.js';

expectNoLeaks();

const vector = (size: number, index: number) => normals(stream(5, 'lanczos-start', index), size);

function matrixOperator(matrix: Matrix): SymmetricOperator {
  return {
    size: matrix.rows,
    matvec: (v) => Float64Array.from(matrix.mmul(Matrix.columnVector(v)).to1DArray()),
  };
}

async function jacobiansOf(
  model: Model,
  parameters: tf.Tensor[],
  images: LabelledImages,
  classes: number,
  batchSize: number,
): Promise<ImageJacobian[]> {
  const data = makeResident(images, classes);
  const jacobian = createJacobian(host, model, data, batchSize);
  const found: ImageJacobian[] = [];
  await jacobian.each(
    parameters,
    (j) => void found.push(j),
    () => {},
  );
  data.dispose();
  jacobian.dispose();
  return found;
}

describe('Lanczos', () => {
  test('finds the largest entry of a diagonal matrix', () => {
    const diagonal = Matrix.diag([3, -50, 7, 0, 7.5, 1, 2]);
    const result = largestEigenvalue(matrixOperator(diagonal), vector(7, 0), {
      maxSteps: 7,
      tolerance: 1e-10,
    });
    expect(result.eigenvalue).toBeCloseTo(7.5, 9);
    expect(result.converged).toBe(true);
  });

  test('agrees with a dense solver on random symmetric matrices, and its residual is true', () => {
    for (const size of [2, 5, 40]) {
      const a = Matrix.from1DArray(size, size, [...vector(size * size, size)]);
      const symmetric = Matrix.add(a, a.transpose());
      const operator = matrixOperator(symmetric);
      const dense = new EigenvalueDecomposition(symmetric, { assumeSymmetric: true });
      const top = Math.max(...dense.realEigenvalues);
      const result = largestEigenvalue(operator, vector(size, 1), {
        maxSteps: size,
        tolerance: 1e-9,
      });
      expect(result.eigenvalue / top).toBeCloseTo(1, 8);
      expect(result.residual).toBeLessThanOrEqual(1e-9 * Math.abs(result.eigenvalue));
      expect(result.iterations).toBeLessThanOrEqual(size);
    }
  });

  test('says so when its steps did not suffice', () => {
    const spread = Matrix.diag(Array.from({ length: 200 }, (_, i) => 1 + i / 1000));
    const result = largestEigenvalue(matrixOperator(spread), vector(200, 2), {
      maxSteps: 3,
      tolerance: 1e-6,
    });
    expect(result).toMatchObject({ iterations: 3, converged: false });
    expect(result.residual).toBeGreaterThan(1e-6);
  });

  test('stops when the Krylov space is exhausted: rank 1 takes two products', () => {
    const u = vector(30, 3);
    const operator = { size: 30, matvec: (v: Float64Array) => u.map((x) => x * dot(u, v)) };
    const result = largestEigenvalue(operator, vector(30, 4), { maxSteps: 30, tolerance: 1e-12 });
    expect(result.eigenvalue / dot(u, u)).toBeCloseTo(1, 12);
    expect(result.iterations).toBe(2);
  });

  test('of the zero operator is 0 and converged', () => {
    const zero = { size: 4, matvec: () => new Float64Array(4) };
    const result = largestEigenvalue(zero, vector(4, 5), { maxSteps: 4, tolerance: 1e-6 });
    expect(result).toEqual({
      ...{ eigenvalue: 0, residual: 0, iterations: 1 },
      ...{ converged: true, stop: 'exhausted' },
    });
  });

  test('refuses a start vector of zeros', () => {
    const operator = matrixOperator(Matrix.eye(3));
    expect(() => lanczos(operator, new Float64Array(3), 3, () => true)).toThrow(/not zero/);
  });
});

describe('the input Hessian J^T S J', () => {
  const rows = [0, 1, 2, 3].map((c) => vector(12, 10 + c));
  const powers = [0.2, 1, -3, 0.5].map(Math.exp);
  const total = powers.reduce((a, b) => a + b);
  const probabilities = powers.map((p) => p / total);
  const operator = gaussNewton({ rows, probabilities });

  test('is symmetric: <u, Hv> = <Hu, v>', () => {
    const [u, v] = [vector(12, 20), vector(12, 21)];
    expect(dot(u, operator.matvec(v))).toBeCloseTo(dot(operator.matvec(u), v), 12);
  });

  test('of softmax regression is W S W^T, formed as a dense matrix', () => {
    const j = new Matrix(rows.map((row) => [...row]));
    const s = Matrix.sub(
      Matrix.diag(probabilities),
      Matrix.columnVector(probabilities).mmul(Matrix.rowVector(probabilities)),
    );
    const dense = j.transpose().mmul(s).mmul(j);
    const eigenvalues = new EigenvalueDecomposition(dense, {
      assumeSymmetric: true,
    }).realEigenvalues
      .sort((a, b) => b - a)
      .slice(0, 4);
    const closed = closedFormEigenvalues({ rows, probabilities });
    closed.forEach((value, i) => expect(value).toBeCloseTo(eigenvalues[i]!, 10));
    const top = largestEigenvalue(operator, vector(12, 22), { maxSteps: 12, tolerance: 1e-10 });
    expect(top.eigenvalue).toBeCloseTo(eigenvalues[0]!, 10);
    expect(closed[3]).toBeCloseTo(0, 12); // rank is at most classes - 1
  });

  test('does not change when one vector is taken from every row of J', () => {
    const common = rows[3]!;
    const less = rows.map((row) => row.map((value, i) => value - common[i]!));
    const [a, b] = [rows, less].map((r) => closedFormEigenvalues({ rows: r, probabilities }));
    a!.forEach((value, i) => expect(b![i]).toBeCloseTo(value, 12));
  });

  test('of two classes is p (1 - p) |J_0 - J_1|^2, also where the network is all but sure', () => {
    const [a, b] = [vector(12, 23), vector(12, 24)];
    const apart = a.map((value, i) => value - b[i]!);
    for (const p of [0.3, 1e-6, 1e-14]) {
      const [top] = closedFormEigenvalues({ rows: [a, b], probabilities: [p, 1 - p] });
      expect(top! / (p * (1 - p) * dot(apart, apart))).toBeCloseTo(1, 12);
    }
  });

  test('has the Jacobian of a linear model: its weights, less those of the last class', async () => {
    const model = linearModel(4, 3);
    const weight = Float32Array.from(vector(12, 30));
    const parameters = toTensors(
      model.parameters,
      new Map([
        ['weight', weight],
        ['bias', Float32Array.from([0.1, 0, -1])],
      ]),
    );
    const pixels = Uint8Array.from([10, 20, 30, 40, 255, 255, 0, 0]);
    const data = { count: 2, shape: [2, 2, 1] as const, pixels, labels: Uint8Array.of(0, 1) };
    const found = await jacobiansOf(model, parameters, data, 3, 2);
    expect(found).toHaveLength(2);
    for (const { rows: columns, probabilities: p } of found) {
      const expected = [0, 1, 2].map((c) =>
        [0, 1, 2, 3].map((i) => Math.fround(weight[i * 3 + c]! - weight[i * 3 + 2]!)),
      );
      columns.forEach((row, c) => expect(difference(row, expected[c]!)).toBeLessThan(1e-7));
      expect(p.reduce((x, y) => x + y)).toBeCloseTo(1, 15);
    }
    tf.dispose(parameters);
  });

  // Without biases (the He-normal start) the network is positively homogeneous, so Euler's theorem
  // gives z(x) = J(x) x exactly: every row of the Jacobian is checked without differentiating.
  test('of cnn-small: the Jacobian times the image is the logits, less that of the last class', async () => {
    const model = modelFor('cnn-small', [28, 28, 1], 10);
    const parameters = toTensors(model.parameters, model.initial(stream(3, 'init', 0)));
    const data = syntheticDigits(3);
    const found = await jacobiansOf(model, parameters, data, 10, 2);
    found.forEach(({ rows: columns }, i) => {
      const bytes = data.pixels.subarray(i * 784, (i + 1) * 784);
      const image = Float64Array.from(bytes, (p) => p / 255);
      const logits = tf.tidy(() =>
        values(model.apply(parameters, tf.tensor4d(Float32Array.from(image), [1, 28, 28, 1]))),
      );
      // float32 sums of about 2,000 products.
      expect(
        difference(
          columns.map((row) => dot(row, image)),
          logits.map((z) => z - logits.at(-1)!),
        ),
      ).toBeLessThan(2e-5);
    });
    tf.dispose(parameters);
  });

  test('per image does not depend on the batch that the image is in', async () => {
    const model = modelFor('cnn-small', [28, 28, 1], 10);
    const parameters = toTensors(model.parameters, model.initial(stream(3, 'init', 0)));
    const data = syntheticDigits(7);
    const options = { maxSteps: 12, tolerance: 1e-6, seed: 1 };
    const found: number[][] = [];
    for (const size of [7, 3]) {
      const resident = makeResident(data, 10);
      const jacobian = createJacobian(host, model, resident, size);
      const results = await inputSpectrum(jacobian, parameters, options, () => {});
      resident.dispose();
      const summary = summariseSpectrum(results);
      expect(summary.converged).toBe(1);
      expect(summary.closedFormDifference.value).toBeLessThan(1e-6);
      found.push(results.map((r) => r.eigenvalue));
      jacobian.dispose();
    }
    found[0]!.forEach((value, i) => expect(found[1]![i]! / value).toBeCloseTo(1, 4));
    tf.dispose(parameters);
  });
});
