// Images that are left over are packed into a smaller batch: the same products from less work, which is counted by
// the shapes that reach the sessions.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createInputHessian,
  packedBatch,
} from '../../../numerics/curvature/operators/input-hessian.js';
import { inputEigenvalues } from '../../../numerics/curvature/measures/input-eigenvalues.js';
import type { ExtremalResult } from '../../../numerics/curvature/algorithms/extremal-eigenvalues.js';
import type { GraphHost } from '../../../numerics/graph/compile.js';
import { expectNoLeaks, host } from '../engine.js';
import { pause, relative, vector, watched } from './hessians.js';
import { linearProblem, type LinearProblem } from './linear-problem.js';

const count = 88;
const batch = 40;
const packed = 15;

let { model, data, parameters, dispose } = {} as LinearProblem;
beforeAll(() => {
  ({ model, data, parameters, dispose } = linearProblem(count));
});
afterAll(() => dispose());

const productOf = (size: number) => `${size},2,2,1`;
const productsIn = (runs: readonly string[]) => runs.filter((shape) => shape.endsWith('2,2,1'));

describe('input products of the images that are left', () => {
  expectNoLeaks();

  test('a batch that is worth it has a smaller one of 3/8', () => {
    expect([31, 32, 40, 128].map(packedBatch)).toEqual([null, 12, packed, 48]);
  });

  test('are those of the whole batch, from the smaller one', () => {
    const { host: seen, runs } = watched();
    const hessian = createInputHessian(seen, model, data, batch);
    const blocks = hessian.blocks(parameters, 40);
    const vectors = Array.from({ length: batch }, (_, i) => vector(4, i));
    const whole = blocks.matvecs(vectors);
    const ask = (places: readonly number[]): void => {
      const few = vectors.map((v, i) => (places.includes(i) ? v : null));
      const found = blocks.matvecs(few);
      expect(found.flatMap((product, i) => (product ? [i] : []))).toEqual(places);
      for (const i of places) expect(relative(found[i]!, whole[i]!)).toBeLessThan(2e-6);
    };
    ask([...Array(packed + 1).keys()]);
    ask([...Array(packed).keys()].map((i) => 2 * i + 9));
    ask([9, 11, 13, 21, 37]);
    ask([11, 37]);
    // Others than those that are left, few and then many.
    ask([0, 7]);
    ask([...vectors.keys()]);
    ask([]);
    expect(productsIn(runs)).toEqual(
      [batch, batch, packed, packed, packed, packed, batch].map(productOf),
    );
    blocks.dispose();
    hessian.dispose();
  });

  test('begin in the smaller batch where the last images of a data set are few', () => {
    const { host: seen, runs } = watched();
    const hessian = createInputHessian(seen, model, data, batch);
    const blocks = hessian.blocks(parameters, 80);
    expect(blocks.count).toBe(8);
    blocks.matvecs(Array.from({ length: 8 }, (_, i) => vector(4, i)));
    expect(productsIn(runs)).toEqual([productOf(packed)]);
    blocks.dispose();
    hessian.dispose();
  });

  test('make the eigenvalues of each image, in any batch, from fewer products of the whole', async () => {
    const spectrum = async (h: GraphHost, batchSize: number): Promise<ExtremalResult[]> => {
      const hessian = createInputHessian(h, model, data, batchSize);
      const found: ExtremalResult[] = [];
      const options = { largest: 1, smallest: 0, maxSteps: 4, tolerance: 3e-2, seed: 1 };
      await inputEigenvalues(hessian, parameters, options, (one) => void found.push(one), pause);
      hessian.dispose();
      return found;
    };
    const { host: seen, runs } = watched();
    const together = await spectrum(seen, batch);
    const alone = await spectrum(host, 1);
    together.forEach(({ largest, iterations }, i) => {
      expect(iterations).toBe(alone[i]!.iterations);
      expect(largest[0]!.eigenvalue / alone[i]!.largest[0]!.eigenvalue).toBeCloseTo(1, 5);
    });
    expect(await spectrum(host, batch)).toEqual(together);
    const rounds = [0, 40, 80].map((from) =>
      Math.max(...together.slice(from, from + batch).map(({ iterations }) => iterations)),
    );
    expect(productsIn(runs)).toHaveLength(rounds.reduce((a, b) => a + b));
    for (const from of [0, 40]) {
      const left = (round: number): number =>
        together.slice(from, from + batch).filter(({ iterations }) => iterations >= round).length;
      const sizes = Array.from({ length: rounds[from / 40]! }, (_, round) =>
        productOf(left(round + 1) <= packed ? packed : batch),
      );
      const before = from === 0 ? 0 : rounds[0]!;
      expect(productsIn(runs).slice(before, before + sizes.length)).toEqual(sizes);
      expect(new Set(sizes).size).toBe(2);
    }
  });
});
