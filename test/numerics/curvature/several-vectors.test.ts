// Products that share a pass through the network: the same products from less work, which is counted by the shapes
// that reach the sessions.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createParameterHessian } from '../../../numerics/curvature/operators/parameter-hessian.js';
import { countTogether } from '../../../numerics/curvature/measures/weight-spectrum.js';
import { expectNoLeaks, host } from '../engine.js';
import { pause, relative, vector, watched } from './hessians.js';
import { linearProblem, type LinearProblem } from './linear-problem.js';

const count = 88;

let { model, data, parameters, dispose } = {} as LinearProblem;
beforeAll(() => {
  ({ model, data, parameters, dispose } = linearProblem(count));
});
afterAll(() => dispose());

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
