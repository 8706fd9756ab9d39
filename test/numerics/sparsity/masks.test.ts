// Initial masks, densities and projections: exact counts, and the minimiser by enumeration.
import { describe, expect, test } from 'vitest';
import { normals, stream } from '../../../numerics/random.js';
import { activeCounts, erkDensities } from '../../../numerics/sparsity/densities.js';
import { keepLargest } from '../../../numerics/sparsity/largest.js';
import { magnitudeMasks, maskedTensors, randomMasks } from '../../../numerics/sparsity/masks.js';
import { countActive } from '../../../numerics/sparsity/redistribution.js';
import { channelNorms, keptChannels } from '../../../numerics/sparsity/channels.js';
import { modelFor } from '../../../numerics/models/registry.js';

const lenet = maskedTensors(modelFor('lenet300', [28, 28, 1], 10));

describe('the first masks', () => {
  test('belong to weights alone, the first and the last layer included', () => {
    expect(lenet.map(({ name }) => name)).toEqual(['fc1.weight', 'fc2.weight', 'fc3.weight']);
    const names = maskedTensors(modelFor('preresnet26', [32, 32, 3], 10)).map(({ name }) => name);
    expect(names.filter((name) => /gamma|beta|bias/.test(name))).toEqual([]);
  });

  test.each([0.01, 0.05, 0.5, 1])('have exactly round(d n) places at density %d', (density) => {
    const masks = randomMasks(lenet, density, { initial: 'uniform', seed: 1 });
    const wanted = [235_200, 30_000, 1000].map((n) => Math.round(density * n));
    expect(masks.map(countActive)).toEqual(wanted);
    expect(randomMasks(lenet, density, { initial: 'uniform', seed: 1 })).toEqual(masks);
    if (density < 1)
      expect(randomMasks(lenet, density, { initial: 'uniform', seed: 2 })).not.toEqual(masks);
  });

  test('by ERK have as many in all, a full last layer, and by hand the ratio of sides to size', () => {
    const densities = erkDensities(lenet, 0.1);
    const sizes = [235_200, 30_000, 1000];
    const total = sizes.reduce((sum, n, l) => sum + densities[l]! * n, 0);
    expect(total).toBeCloseTo(0.1 * 266_200, 6);
    expect(densities[2]).toBe(1);
    expect(densities[1]! / densities[0]!).toBeCloseTo(400 / 30_000 / (1084 / 235_200), 10);
    expect(activeCounts(lenet, 1, 'erk')).toEqual(sizes);
    // Without the cap the last layer would get 1.8 times the weights that it has.
    expect(((0.1 * 266_200) / (1084 + 400 + 110)) * 110).toBeGreaterThan(1000);
  });
});

describe('the projection onto vectors of k entries', () => {
  const theta = Float32Array.from(normals(stream(3, 'probe', 0), 11));
  const distance = (z: Float32Array) => theta.reduce((sum, t, i) => sum + (t - z[i]!) ** 2, 0);

  test.each([0, 1, 4, 11])('is the nearest of all supports of %d entries', (k) => {
    let least = Infinity;
    for (let bits = 0; bits < 1 << theta.length; bits++) {
      const support = theta.map((_, i) => (bits >> i) & 1);
      if (countActive(support) === k) least = Math.min(least, distance(theta.map((t, i) => t * support[i]!))); // prettier-ignore
    }
    expect(distance(keepLargest(theta, k))).toBeCloseTo(least, 6);
    expect(countActive(keepLargest(theta, k))).toBe(k);
  });

  test('keeps large negative entries, and the first of equal ones', () => {
    expect([...keepLargest([1, -3, 2], 1)]).toEqual([0, -3, 0]);
    expect([...keepLargest([1, -1, 1], 2)]).toEqual([1, -1, 0]);
  });

  test('over several tensors has one threshold', () => {
    const masks = magnitudeMasks([Float32Array.of(5, -4, 0.1), Float32Array.of(1, 2, -3)], 0.5);
    expect(masks.map((mask) => [...mask])).toEqual([
      [1, 1, 0],
      [0, 0, 1],
    ]);
  });
});

describe('channels', () => {
  test('are ranked by the Frobenius norm of what leads to them', () => {
    // [in 2, out 3]
    const norms = channelNorms(Float32Array.of(3, 0, 1, -4, 0.5, 1), 3);
    expect([...norms]).toEqual([5, 0.5, Math.SQRT2]);
    expect(keptChannels(norms, 2)).toEqual([0, 2]);
    expect(keptChannels([1, 1, 1], 2)).toEqual([0, 1]);
  });
});
