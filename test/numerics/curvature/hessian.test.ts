// Exact Hessian products of softmax regression against closed forms, by hand.
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeResident, type ResidentData } from '../../../numerics/data/resident.js';
import { extremalEigenvalues } from '../../../numerics/curvature/algorithms/extremal-eigenvalues.js';
import { gaussNewton } from '../../../numerics/curvature/operators/gauss-newton.js';
import { createInputHessian } from '../../../numerics/curvature/operators/input-hessian.js';
import { meanInputHessian } from '../../../numerics/curvature/measures/mean-input-hessian.js';
import {
  solve,
  solveSlowly,
  type SymmetricOperator,
} from '../../../numerics/curvature/operators/operator.js';
import { createParameterHessian } from '../../../numerics/curvature/operators/parameter-hessian.js';
import {
  publishedEigenvalue,
  publishedOperator,
} from '../../../numerics/curvature/measures/published-eigenvalue.js';
import { axpy } from '../../../numerics/curvature/algorithms/vectors.js';
import { toTensors } from '../../../numerics/models/parameters.js';
import { expectNoLeaks, host, linearModel } from '../engine.js';
import { images, pause, productOf, relative, softmax, vector } from './hessians.js';

/** Softmax regression on 2 x 2 images with 3 classes, and its pieces in float64. */
const regression = linearModel(4, 3);
const flat = Float32Array.from(vector(15, 0)); // weights [4, 3], then biases [3]

function regressionTensors(): tf.Tensor[] {
  const values = new Map([
    ['weight', flat.subarray(0, 12)],
    ['bias', flat.subarray(12)],
  ]);
  return toTensors(regression.parameters, values);
}

/** x with a 1 appended, for the bias, and p. */
function pieces(i: number): { x: number[]; p: number[] } {
  const x = [...Array.from(images.pixels.subarray(4 * i, 4 * i + 4), (b) => b / 255), 1];
  const z = [0, 1, 2].map((c) => x.reduce((sum, xj, j) => sum + xj * flat[3 * j + c]!, 0));
  return { x, p: softmax(z) };
}

describe('of softmax regression', () => {
  let data: ResidentData;
  let parameters: tf.Tensor[];
  beforeAll(() => {
    data = makeResident(images, 3);
    parameters = regressionTensors();
  });
  afterAll(() => {
    data.dispose();
    tf.dispose(parameters);
  });
  expectNoLeaks();

  // H = Σ_i x_i x_i^T ⊗ S_i over the weights and biases together (Böhning 1992).
  test('the weight Hessian is the Kronecker closed form, for any batch size and both reductions', async () => {
    const v = vector(15, 1);
    const expected = new Float64Array(15);
    for (let i = 0; i < 5; i++) {
      const { x, p } = pieces(i);
      const moved = [0, 1, 2].map((c) => x.reduce((sum, xj, j) => sum + xj * v[3 * j + c]!, 0));
      const mean = moved.reduce((sum, m, c) => sum + m * p[c]!, 0);
      x.forEach((xj, j) =>
        p.forEach((pc, c) => (expected[3 * j + c]! += xj * pc * (moved[c]! - mean))),
      );
    }
    for (const batchSize of [1, 2, 5, 100]) {
      const hessian = createParameterHessian(host, regression, data, batchSize);
      let pauses = 0;
      const sum = await productOf(hessian, parameters, 'sum', v, () => void pauses++);
      const mean = await productOf(hessian, parameters, 'mean', v);
      // float32, sums of about 20 products.
      expect(relative(sum, expected)).toBeLessThan(2e-6);
      expect(
        relative(
          mean.map((value) => 5 * value),
          expected,
        ),
      ).toBeLessThan(2e-6);
      expect(pauses).toBe(Math.ceil(5 / batchSize));
      hessian.dispose();
    }
  });

  test('each image has the input Hessian W S W^T, in a full batch and in a padded one', () => {
    for (const batchSize of [5, 3]) {
      const hessian = createInputHessian(host, regression, data, batchSize);
      for (let from = 0; from < 5; from += batchSize) {
        const blocks = hessian.blocks(parameters, from);
        expect(blocks.count).toBe(Math.min(batchSize, 5 - from));
        const vectors = Array.from({ length: blocks.count }, (_, i) => vector(4, 10 + from + i));
        const products = blocks.matvecs(vectors);
        products.forEach((product, i) => {
          const rows = [0, 1, 2].map((c) =>
            Float64Array.from([0, 1, 2, 3], (j) => flat[3 * j + c]!),
          );
          const exact = gaussNewton({ rows, probabilities: pieces(from + i).p });
          expect(relative(product!, exact.matvec(vectors[i]!))).toBeLessThan(2e-6);
        });
        blocks.dispose();
      }
      hessian.dispose();
    }
  });

  test('the mean of the input Hessians does not depend on the batch size', async () => {
    const v = vector(4, 20);
    const rows = [0, 1, 2].map((c) => Float64Array.from([0, 1, 2, 3], (j) => flat[3 * j + c]!));
    const expected = new Float64Array(4);
    for (let i = 0; i < 5; i++) {
      axpy(1 / 5, gaussNewton({ rows, probabilities: pieces(i).p }).matvec(v), expected);
    }
    for (const batchSize of [5, 3]) {
      const hessian = createInputHessian(host, regression, data, batchSize);
      const product = await meanInputHessian(hessian, parameters, pause).matvec(v);
      expect(relative(product, expected)).toBeLessThan(2e-6);
      hessian.dispose();
    }
  });

  // Slot s of the published operator is (1/B) Σ_b H(x_{bB+s}) v_s: images of a slot are mixed.
  test('the published operator mixes the images of a slot and leaves out the incomplete batch', async () => {
    const hessian = createInputHessian(host, regression, data, 2);
    const operator = publishedOperator(hessian, parameters, pause);
    expect(operator).toMatchObject({ size: 8, batches: 2 });
    const rows = [0, 1, 2].map((c) => Float64Array.from([0, 1, 2, 3], (j) => flat[3 * j + c]!));
    const exact: SymmetricOperator = {
      size: 8,
      matvec(v) {
        const total = new Float64Array(8);
        for (let i = 0; i < 4; i++) {
          const slot = (i % 2) * 4;
          const block = gaussNewton({ rows, probabilities: pieces(i).p });
          axpy(1 / 2, block.matvec(v.slice(slot, slot + 4)), total.subarray(slot, slot + 4));
        }
        return total;
      },
    };
    const v = vector(8, 30);
    expect(relative(await operator.matvec(v), exact.matvec(v))).toBeLessThan(2e-6);

    const method = () => publishedEigenvalue(v, 2, { maxSteps: 50, tolerance: 0 });
    const found = await solveSlowly(operator, method());
    expect(found.eigenvalue / solve(exact, method()).eigenvalue).toBeCloseTo(1, 5);
    // Fifty steps come within 2 % of the largest λ_max of a slot's mean Hessian, over B.
    const ends = { largest: 1, smallest: 0, maxSteps: 8, tolerance: 1e-9, noise: 1e-12 };
    const top =
      solve(
        exact,
        extremalEigenvalues(() => v, ends),
      ).largest[0]!.eigenvalue / 2;
    expect(found.eigenvalue).toBeLessThan(top);
    expect(found.eigenvalue).toBeGreaterThan(0.98 * top);
    hessian.dispose();
  });
});
