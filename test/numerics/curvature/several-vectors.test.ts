// Products that share a pass through the network: the same products from less work, which is counted by the shapes
// that reach the sessions.
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createParameterHessian } from '../../../numerics/curvature/operators/parameter-hessian.js';
import { countTogether } from '../../../numerics/curvature/measures/weight-spectrum.js';
import { makeResident, type ResidentData } from '../../../numerics/data/resident.js';
import { toTensors } from '../../../numerics/models/parameters.js';
import { normals, stream } from '../../../numerics/random.js';
import { expectNoLeaks, host, linearModel } from '../engine.js';
import { relative, vector, watched } from './hessians.js';

const count = 88;
const model = linearModel(4, 3);
const flat = Float32Array.from(normals(stream(8, 'init', 0), 15));
const pixels = Uint8Array.from({ length: 4 * count }, (_, i) => (i * 83 + 31 * (i % 5)) % 256);
const labels = Uint8Array.from({ length: count }, (_, i) => i % 3);
const pause = (): void => {};

let data: ResidentData;
let parameters: tf.Tensor[];
beforeAll(() => {
  data = makeResident({ count, shape: [2, 2, 1], pixels, labels }, 3);
  const values = { weight: flat.subarray(0, 12), bias: flat.subarray(12) };
  parameters = toTensors(model.parameters, new Map(Object.entries(values)));
});
afterAll(() => {
  data.dispose();
  tf.dispose(parameters);
});

describe('weight products of several vectors', () => {
  expectNoLeaks();
  const vectors = [0, 1, 2].map((i) => vector(15, 70 + i));

  test.each([
    [88, 1],
    [40, 3],
  ])('are those of one after the other, with batches of %i images', async (size, batches) => {
    for (const reduction of ['mean', 'sum'] as const) {
      const hessian = createParameterHessian(host, model, data, size);
      expect(hessian.batches).toBe(batches);
      let pauses = 0;
      const operator = hessian.at(parameters, reduction, () => void pauses++);
      const together = await operator.matvecs(vectors);
      expect(pauses).toBe(3 * batches);
      for (const [i, v] of vectors.entries()) {
        expect(relative(together[i]!, await operator.matvec(v))).toBeLessThan(2e-6);
      }
      operator.dispose();
      hessian.dispose();
    }
  });

  test('take one pass through the network for each batch', async () => {
    const { host: seen, runs } = watched();
    const hessian = createParameterHessian(seen, model, data, 40);
    const operator = hessian.at(parameters, 'mean', pause);
    await operator.matvecs(vectors);
    // A pass ends with the weights of the images [40], a product with the direction of the biases [3].
    expect(runs).toEqual(Array(3).fill(['40', '3', '3', '3']).flat());
    runs.length = 0;
    await operator.matvec(vectors[0]!);
    expect(runs).toEqual(['3', '3', '3']);
    operator.dispose();
    hessian.dispose();
  });

  test('are as many at once as fit into the memory for them, at least one, at most 16', () => {
    expect(countTogether(1000, 2)).toBe(16);
    expect(countTogether(162_710, 42)).toBe(4);
    expect(countTogether(15_000_000, 42)).toBe(1);
  });
});
