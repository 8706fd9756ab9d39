// Softmax regression has a weight Hessian that can be written down, so a dense solver, the sum of its
// diagonal and its eigenvalues are there to compare with; nothing here shares code with Lanczos.
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createInputHessian } from '../../../numerics/curvature/operators/input-hessian.js';
import { createJacobian } from '../../../numerics/curvature/operators/input-jacobian.js';
import { exactInputSpectrum } from '../../../numerics/curvature/measures/input-spectrum.js';
import { meanHessianEigenvalue } from '../../../numerics/curvature/measures/mean-input-hessian.js';
import { createParameterHessian } from '../../../numerics/curvature/operators/parameter-hessian.js';
import { measurePublished } from '../../../numerics/curvature/measures/published-eigenvalue.js';
import { moment } from '../../../numerics/curvature/algorithms/spectral-density.js';
import {
  countProducts,
  summariseWeightSpectrum,
  weightSpectrum,
  type WeightSpectrumOptions,
} from '../../../numerics/curvature/measures/weight-spectrum.js';
import { makeResident, type ResidentData } from '../../../numerics/data/resident.js';
import { toTensors } from '../../../numerics/models/parameters.js';
import { normals, stream } from '../../../numerics/random.js';
import { expectNoLeaks, host, linearModel } from '../engine.js';

const count = 6;
const model = linearModel(4, 3);
const flat = Float32Array.from(normals(stream(8, 'init', 0), 15)); // weights [4, 3], then biases [3]
const pixels = Uint8Array.from({ length: 4 * count }, (_, i) => (i * 83 + 31 * (i % 5)) % 256);
const images = {
  count,
  shape: [2, 2, 1] as const,
  pixels,
  labels: Uint8Array.of(0, 1, 2, 2, 0, 1),
};
const pause = (): void => {};

/** x with a 1 for the bias, and S = diag(p) - p p^T. */
function pieces(i: number): { x: number[]; s: Matrix } {
  const x = [...Array.from(pixels.subarray(4 * i, 4 * i + 4), (b) => b / 255), 1];
  const powers = [0, 1, 2].map((c) =>
    Math.exp(x.reduce((sum, xj, j) => sum + xj * flat[3 * j + c]!, 0)),
  );
  const total = powers.reduce((sum, power) => sum + power, 0);
  const p = Matrix.columnVector(powers.map((power) => power / total));
  return { x, s: Matrix.sub(Matrix.diag(p.to1DArray()), p.mmul(p.transpose())) };
}

/** Σ_i w_i x_i x_i^T ⊗ S_i (Böhning 1992). */
function weightHessian(): Matrix {
  const total = Matrix.zeros(15, 15);
  for (let i = 0; i < count; i++) {
    const { x, s } = pieces(i);
    const column = Matrix.columnVector(x);
    total.add(column.mmul(column.transpose()).kroneckerProduct(s).div(count));
  }
  return total;
}

/** W S W^T. */
function inputHessian(i: number): Matrix {
  const w = Matrix.from1DArray(4, 3, [...flat.subarray(0, 12)]);
  return w.mmul(pieces(i).s).mmul(w.transpose());
}

function eigenvalues(symmetric: Matrix): number[] {
  const { realEigenvalues } = new EigenvalueDecomposition(symmetric, { assumeSymmetric: true });
  return realEigenvalues.sort((a, b) => b - a);
}

function mean(matrices: readonly Matrix[]): Matrix {
  const [first, ...rest] = matrices;
  return rest.reduce((sum, m) => Matrix.add(sum, m), first!).div(matrices.length);
}

let data: ResidentData;
let parameters: tf.Tensor[];
beforeAll(() => {
  data = makeResident(images, 3);
  const values = { weight: flat.subarray(0, 12), bias: flat.subarray(12) };
  parameters = toTensors(model.parameters, new Map(Object.entries(values)));
});
afterAll(() => {
  data.dispose();
  tf.dispose(parameters);
});

const ends: WeightSpectrumOptions = {
  seed: 1,
  reduction: 'mean',
  top: 2,
  maxSteps: 15,
  tolerance: 1e-4,
};
const options: WeightSpectrumOptions = {
  ...ends,
  trace: { probes: 500 },
  density: { probes: 300, steps: 8 },
};

describe('the spectrum of the weight Hessian', () => {
  expectNoLeaks();

  test('has both ends of the dense matrix, whatever the batch', async () => {
    const dense = eigenvalues(weightHessian());
    for (const batchSize of [6, 4]) {
      const hessian = createParameterHessian(host, model, data, batchSize);
      let pauses = 0;
      const found = await weightSpectrum(hessian, parameters, ends, () => void pauses++);
      expect(found.largest[0]!.eigenvalue / dense[0]!).toBeCloseTo(1, 5);
      expect(found.largest[1]!.eigenvalue / dense[1]!).toBeCloseTo(1, 5);
      expect(Math.abs(found.smallest[0]!.eigenvalue) / dense[0]!).toBeLessThan(1e-5);
      expect(found).toMatchObject({ trace: null, density: null });
      expect(pauses).toBe(hessian.batches * found.iterations);
      expect(pauses).toBeLessThanOrEqual(hessian.batches * countProducts(ends));
      const { converged, maxResidual } = summariseWeightSpectrum(found);
      expect(converged).toBe(1);
      expect(maxResidual.value).toBeLessThanOrEqual(1e-4);
      hessian.dispose();
    }
  });

  test('has the trace within its error, and the moments of the dense eigenvalues', async () => {
    const matrix = weightHessian();
    const hessian = createParameterHessian(host, model, data, 6);
    const found = await weightSpectrum(hessian, parameters, options, pause);
    const trace = matrix.trace();
    expect(Math.abs(found.trace!.trace - trace)).toBeLessThan(3 * found.trace!.standardError.value);
    expect(found.trace!.standardError.value / trace).toBeLessThan(0.05);
    expect(moment(found.density!, 0)).toBeCloseTo(1, 10);
    for (const k of [1, 2]) {
      const exact = eigenvalues(matrix).reduce((sum, value) => sum + value ** k, 0) / 15;
      // Sampling noise of 300 probes of 15 signs.
      expect(Math.abs(moment(found.density!, k) / exact - 1)).toBeLessThan(0.1);
    }
    hessian.dispose();
  });

  test('is the same again, and another from another seed', async () => {
    const hessian = createParameterHessian(host, model, data, 6);
    const [first, again, other] = [
      await weightSpectrum(hessian, parameters, options, pause),
      await weightSpectrum(hessian, parameters, options, pause),
      await weightSpectrum(hessian, parameters, { ...options, seed: 2 }, pause),
    ];
    expect(again).toEqual(first);
    expect(other.trace!.trace).not.toBe(first.trace!.trace);
    expect(other.density).not.toEqual(first.density);
    hessian.dispose();
  });

  test('leaves no tensors when it is stopped', async () => {
    for (const batchSize of [6, 4]) {
      const hessian = createParameterHessian(host, model, data, batchSize);
      let left = 5;
      const stop = (): void => {
        if (left-- === 0) throw new Error('stopped');
      };
      await expect(weightSpectrum(hessian, parameters, options, stop)).rejects.toThrow('stopped');
      hessian.dispose();
    }
  });
});

describe('the spectra of the input Hessians', () => {
  expectNoLeaks();

  test('have both ends of each image, with residuals, and the largest alone unless asked', async () => {
    const hessian = createInputHessian(host, model, data, 4);
    const jacobian = createJacobian(host, model, data, 4);
    const ask = { seed: 1, maxSteps: 4, tolerance: 1e-4 };
    const found = await exactInputSpectrum(
      hessian,
      jacobian,
      parameters,
      { ...ask, top: 1 },
      pause,
    );
    expect(found).toHaveLength(count);
    found.forEach(({ eigenvalue, ends, converged }, i) => {
      const dense = eigenvalues(inputHessian(i));
      expect(eigenvalue).toBe(ends!.largest[0]!.eigenvalue);
      expect(eigenvalue / dense[0]!).toBeCloseTo(1, 4);
      expect(Math.abs(ends!.smallest[0]!.eigenvalue - dense[3]!) / dense[0]!).toBeLessThan(1e-4);
      expect(converged).toBe(true);
      expect(Object.keys(ends!.largest[0]!).sort()).toEqual([
        'certainty',
        'eigenvalue',
        'residual',
      ]);
    });
    const alone = await exactInputSpectrum(hessian, jacobian, parameters, ask, pause);
    expect(alone.every((one) => !('ends' in one))).toBe(true);
    hessian.dispose();
    jacobian.dispose();
  });

  test('have a mean whose largest eigenvalue is that of the dense mean', async () => {
    const hessian = createInputHessian(host, model, data, 4);
    const found = await meanHessianEigenvalue(
      hessian,
      parameters,
      { seed: 1, tolerance: 1e-4 },
      pause,
    );
    const dense = eigenvalues(mean(Array.from({ length: count }, (_, i) => inputHessian(i))));
    expect(found.certainty).toBe('settled');
    expect(found.eigenvalue / dense[0]!).toBeCloseTo(1, 5);
    hessian.dispose();
  });

  // max over slots s of λ_max(mean over batches of H(x_s)) / batch size.
  test('mix as in the published code: the largest of a slot of the batches, over the batch size', async () => {
    const hessian = createInputHessian(host, model, data, 3);
    const long = { seed: 1, maxSteps: 400, tolerance: 1e-9 };
    const found = await measurePublished(hessian, parameters, long, pause);
    const slots = [0, 1, 2].map(
      (s) => eigenvalues(mean([inputHessian(s), inputHessian(3 + s)]))[0]!,
    );
    expect(found.eigenvalue / (Math.max(...slots) / 3)).toBeCloseTo(1, 3);
    hessian.dispose();
  });
});
