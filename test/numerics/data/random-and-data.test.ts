import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeIdx } from '../../../stores/formats/idx.js';
import { modelFor } from '../../../numerics/models/registry.js';
import { parameterSize } from '../../../numerics/models/parameters.js';
import { normals, opSeed, permutation, stream, uniform } from '../../../numerics/random.js';

describe('random streams', () => {
  test('are decided by seed, purpose and index alone', () => {
    expect(uniform(1, 'curve-t', 7)).toBe(uniform(1, 'curve-t', 7));
    const draws = [
      uniform(1, 'curve-t', 7),
      uniform(2, 'curve-t', 7),
      uniform(1, 'shuffle', 7),
      uniform(1, 'curve-t', 8),
    ];
    expect(new Set(draws).size).toBe(4);
    expect(opSeed(1, 'attack-start', 0)).not.toEqual(opSeed(1, 'attack-start', 1));
  });

  test('give uniform numbers in [0,1) with the right mean and variance over the steps', () => {
    const draws = Array.from({ length: 20_000 }, (_, i) => uniform(3, 'curve-t', i));
    const mean = draws.reduce((a, b) => a + b) / draws.length;
    const variance = draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.length;
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...draws)).toBeLessThan(1);
    // Four standard errors of the mean (0.289 / sqrt(20000) = 0.002) and of the variance.
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.0082);
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(0.0022);
  });

  test('give normal numbers with moments 0, 1, 0, 3', () => {
    const z = normals(stream(1, 'init', 0), 40_001);
    const moment = (k: number) => z.reduce((sum, x) => sum + x ** k, 0) / z.length;
    // Four standard errors: sqrt(1, 2, 15, 96) / 200.
    [0, 1, 0, 3].forEach((expected, i) => {
      const error = (4 * Math.sqrt([1, 2, 15, 96][i]!)) / 200;
      expect(Math.abs(moment(i + 1) - expected)).toBeLessThan(error);
    });
  });

  test('permute: every index once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 300 }),
        fc.integer({ min: 0, max: 99 }),
        (count, index) => {
          const order = permutation(stream(1, 'shuffle', index), count);
          expect([...order].sort((a, b) => a - b)).toEqual([...Array(count).keys()]);
        },
      ),
    );
  });
});

describe('the He-normal start', () => {
  test('has variance 2 / fan-in for weights and 0 for biases', () => {
    const model = modelFor('cnn-small', [28, 28, 1], 10);
    const weights = model.initial(stream(1, 'init', 0));
    expect(model.parameters.reduce((sum, spec) => sum + parameterSize(spec), 0)).toBe(162_710);
    for (const spec of model.parameters) {
      const values = weights.get(spec.name)!;
      const variance = values.reduce((sum, x) => sum + x * x, 0) / values.length;
      const fanIn = parameterSize(spec) / spec.shape.at(-1)!;
      const expected = spec.shape.length === 1 ? 0 : 2 / fanIn;
      // Four standard errors of a variance: sqrt(2 / n), n from 144 to 156,800.
      expect(Math.abs(variance - expected)).toBeLessThanOrEqual(
        4 * expected * Math.sqrt(2 / values.length),
      );
    }
  });
});

describe('the IDX format', () => {
  const images = (count: number, bytes: number) =>
    Uint8Array.from([0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 2, 0, 0, 0, 3, ...Array(bytes).keys()]);
  const labels = (...values: number[]) =>
    Uint8Array.from([0, 0, 8, 1, 0, 0, 0, values.length, ...values]);

  test('is pixels by row and one label per image', () => {
    const decoded = decodeIdx(images(2, 12), labels(7, 3));
    expect(decoded).toMatchObject({ count: 2, shape: [2, 3, 1] });
    expect([...decoded.pixels]).toEqual([...Array(12).keys()]);
    expect([...decoded.labels]).toEqual([7, 3]);
  });

  test('is refused when a file is cut, of another kind, or of another number of images', () => {
    expect(() => decodeIdx(images(2, 11), labels(7, 3))).toThrow('27 bytes, its header says 28');
    expect(() => decodeIdx(labels(1), labels(1))).toThrow('not an IDX file');
    expect(() => decodeIdx(images(2, 12), labels(7))).toThrow('2 images, but 1 labels');
    expect(() => decodeIdx(new Uint8Array(3), labels(7))).toThrow('not an IDX file');
  });
});
