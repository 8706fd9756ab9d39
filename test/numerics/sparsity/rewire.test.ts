// Rewiring against hand examples, symmetries and the exact optimum of a quadratic loss; broken variants fail each.
import { describe, expect, test } from 'vitest';
import { normals, permutation, stream } from '../../../numerics/random.js';
import {
  countActive,
  growthCounts,
  layerRate,
  layerShares,
  removalRate,
} from '../../../numerics/sparsity/redistribution.js';
import {
  noAdjustment,
  removeSmallest,
  rewire,
  type Adjustment,
  type RewiredLayer,
  type RewiringOptions,
} from '../../../numerics/sparsity/rewire.js';
import { randomMasks } from '../../../numerics/sparsity/masks.js';

const options: RewiringOptions = {
  rate: 0.3,
  redistribution: 'momentum',
  generator: null,
  target: 0,
};

/** Layers of 60 and 40 weights, of which 12 and 8 are active. */
function drawn(seed: number): RewiredLayer[] {
  const tensors = [60, 40].map((size, position) => ({ name: `w${position}`, shape: [size, 1], position })); // prettier-ignore
  const masks = randomMasks(tensors, 0.2, { initial: 'uniform', seed });
  return masks.map((mask, l) => {
    const draw = (k: number) =>
      Float32Array.from(normals(stream(seed, 'probe', 2 * l + k), mask.length));
    const momentum = draw(1);
    return {
      mask,
      weights: draw(0).map((w, i) => (mask[i] === 1 ? w : 0)),
      momentum,
      growth: momentum,
    };
  });
}

const actives = (layers: readonly { readonly mask: Float32Array }[]) =>
  layers.map(({ mask }) => countActive(mask));

describe('the two-layer example', () => {
  const layer = (momentum: number): RewiredLayer => ({
    mask: Float32Array.from({ length: 200 }, (_, i) => (i < 10 ? 1 : 0)),
    weights: Float32Array.from({ length: 200 }, (_, i) => (i < 10 ? i + 1 : 0)),
    momentum: new Float32Array(200).fill(momentum),
    growth: new Float32Array(200).fill(momentum),
  });

  test('with momenta 3 and 1 the shares are 3/4 and 1/4, and 10 removed weights become 8 and 3', () => {
    const layers = [layer(3), layer(-1)];
    expect(layerShares(layers)).toEqual([0.75, 0.25]);
    expect(growthCounts([0.75, 0.25], 10, [195, 195])).toEqual([8, 3]);
    const { layers: next, adjustment } = rewire(layers, noAdjustment, { ...options, rate: 0.5, target: 20 }); // prettier-ignore
    expect(actives(next)).toEqual([5 + 8, 5 + 3]);
    // The surplus of 1: 0/4 + 3/4 · (-1) + the mean of one gap.
    expect(adjustment).toEqual({ next: -1.75, gaps: -1, rewirings: 1 });
    // Sum over active weights in place of their mean: as the first layer grows its share would, too.
    const wider = { ...layer(3), mask: new Float32Array(200).fill(1) };
    expect(layerShares([wider, layer(1)])).toEqual([0.75, 0.25]);
  });

  test('next time the surplus is taken back', () => {
    const first = rewire([layer(3), layer(1)], noAdjustment, { ...options, rate: 0.5, target: 20 });
    const layers = first.layers.map((one, l) => ({ ...one, momentum: layer(l === 0 ? 3 : 1).momentum, growth: layer(1).growth })); // prettier-ignore
    const second = rewire(layers, first.adjustment, { ...options, rate: 0.5, target: 20 });
    // Removed 7 + 4; ceil(0.75 · 9.25) + ceil(0.25 · 9.25) = 7 + 3 grow: 20 are left.
    expect(actives(second.layers)).toEqual([6 + 7, 4 + 3]);
    expect(second.adjustment).toEqual({ next: -1.75 / 4 - 0.5, gaps: -1, rewirings: 2 });
    const forgetful = rewire(layers, noAdjustment, { ...options, rate: 0.5, target: 20 });
    expect(actives(forgetful.layers)).toEqual([6 + 9, 4 + 3]);
  });

  test('where there is room for 5 in the first layer it takes 4.95, and the second the rest', () => {
    // 8 - 4.95 = 3.05 go to the second, half of what is left in each round: 3 + 3.05.
    expect(growthCounts([0.75, 0.25], 10, [5, 195])).toEqual([4, 6]);
    expect(growthCounts([0.75, 0.25], 10, [5, 195])).not.toEqual([5, 6]);
  });
});

describe('counts', () => {
  test.each([1, 2, 3])(
    'stay within one weight a layer of the target after every rewiring',
    (seed) => {
      let layers = drawn(seed);
      let adjustment: Adjustment = noAdjustment;
      let unadjusted = layers;
      for (let i = 0; i < 40; i++) {
        const rate = removalRate({ from: 0.5, to: 0.005 }, i, 40);
        const fresh = drawn(1000 + 40 * seed + i);
        const stepped = (from: RewiredLayer[], before: Adjustment) => {
          const next = rewire(from, before, { ...options, rate, target: 20 });
          const moved = next.layers.map((one, l) => {
            const { momentum } = fresh[l]!;
            const weights = momentum.map((m, j) => (one.weights[j]! + m) * one.mask[j]!);
            return { mask: one.mask, weights, momentum, growth: momentum };
          });
          return { ...next, moved };
        };
        const next = stepped(layers, adjustment);
        next.layers.forEach(({ mask, weights }) =>
          mask.forEach((kept, j) => kept === 0 && expect(weights[j]).toBe(0)),
        );
        expect(Math.abs(actives(next.layers).reduce((a, b) => a + b) - 20)).toBeLessThanOrEqual(2);
        ({ moved: layers, adjustment } = next);
        unadjusted = stepped(unadjusted, noAdjustment).moved;
      }
      // Rounding up without an adjustment makes the network denser and denser.
      expect(actives(unadjusted).reduce((a, b) => a + b)).toBeGreaterThan(30);
    },
  );

  test('removed and surviving weights are those from before; rate 0 changes nothing', () => {
    const [layer] = drawn(1);
    const survivors = removeSmallest(layer!, 0.3);
    expect(countActive(survivors)).toBe(12 - Math.ceil(0.3 * 12));
    const magnitudes = (mask: Float32Array) =>
      [...layer!.weights].filter((_, i) => mask[i] === 1).map(Math.abs);
    const removed = layer!.mask.map((m, i) => m - survivors[i]!);
    expect(Math.max(...magnitudes(removed))).toBeLessThan(Math.min(...magnitudes(survivors)));
    const still = rewire(drawn(1), noAdjustment, { ...options, rate: 0, target: 20 });
    expect(still.layers.map(({ mask }) => mask)).toEqual(drawn(1).map(({ mask }) => mask));
    expect(still.layers.map(({ weights }) => weights)).toEqual(drawn(1).map(({ weights }) => weights)); // prettier-ignore
  });

  test('what grew last, still 0, goes first', () => {
    const layer = {
      weights: Float32Array.of(1, 0, -0.1, 5),
      mask: Float32Array.of(1, 1, 1, 0),
      momentum: new Float32Array(4),
    };
    expect([...removeSmallest(layer, 0.3)]).toEqual([1, 0, 1, 0]);
  });

  test('a nearly full layer of more than its share loses its fraction of zeros, so that it fills up', () => {
    const mask = Float32Array.from({ length: 100 }, (_, i) => (i < 90 ? 1 : 0));
    expect(layerRate(0.5, { mask }, 0.6, 2)).toBeCloseTo(0.1, 12);
    expect(layerRate(0.5, { mask }, 0.4, 2)).toBe(0.5);
    expect(layerRate(0.5, { mask: mask.map((_, i) => (i < 80 ? 1 : 0)) }, 0.6, 2)).toBe(0.5);
  });

  test('without redistribution each layer keeps its number', () => {
    const next = rewire(drawn(5), noAdjustment, { ...options, redistribution: 'none', target: 20 });
    expect(actives(next.layers)).toEqual([12, 8]);
    expect(next.layers[0]!.mask).not.toEqual(drawn(5)[0]!.mask);
  });
});

describe('symmetries', () => {
  test('a permutation of a layer permutes its masks; scaling all momenta changes nothing', () => {
    const layers = drawn(7);
    const plain = rewire(layers, noAdjustment, { ...options, target: 20 });
    const order = permutation(stream(7, 'probe', 9), 60);
    const permuted = (values: Float32Array) => values.map((_, i) => values[order[i]!]!);
    const moved = layers.map((layer, l) =>
      l === 1
        ? layer
        : {
            mask: permuted(layer.mask),
            weights: permuted(layer.weights),
            momentum: permuted(layer.momentum),
            growth: permuted(layer.growth),
          },
    );
    const found = rewire(moved, noAdjustment, { ...options, target: 20 });
    expect(found.layers[0]!.mask).toEqual(permuted(plain.layers[0]!.mask));
    expect(found.layers[1]!.mask).toEqual(plain.layers[1]!.mask);
    const scaled = (by: (l: number) => number) =>
      layers.map((layer, l) => {
        const momentum = layer.momentum.map((m) => m * by(l));
        return { ...layer, momentum, growth: momentum };
      });
    const masks = (by: (l: number) => number) =>
      rewire(scaled(by), noAdjustment, { ...options, target: 20 }).layers.map(({ mask }) => mask);
    expect(masks(() => 8)).toEqual(plain.layers.map(({ mask }) => mask));
    // Scaling one layer's is no symmetry.
    expect(masks((l) => (l === 0 ? 8 : 1))).not.toEqual(plain.layers.map(({ mask }) => mask));
  });

  test('grows at places of the generator alone: the same twice, whatever the momentum', () => {
    const grown = (seed: number, scale: number) => {
      const layers = drawn(3).map((layer) => ({ ...layer, growth: layer.growth.map((m) => m * scale) })); // prettier-ignore
      const generator = stream(seed, 'regrowth', 0);
      return rewire(layers, noAdjustment, { ...options, generator, target: 20 }).layers;
    };
    expect(grown(1, -3)).toEqual(grown(1, 1));
    expect(grown(2, 1)).not.toEqual(grown(1, 1));
  });
});

describe('on the loss ½ h ‖θ - θ*‖²', () => {
  const [size, kept, h, rate, factor] = [12, 4, 1, 0.2, 0.5];
  const optimum = Float32Array.from(normals(stream(11, 'probe', 0), size), (z, i) => z + (i % 2 ? 1 : -1)); // prettier-ignore

  function trained(growth: (momentum: Float32Array) => Float32Array): Float32Array {
    const tensor = { name: 'w', shape: [size, 1], position: 0 };
    let [mask] = randomMasks([tensor], kept / size, { initial: 'uniform', seed: 4 }) as [
      Float32Array,
    ];
    let weights: Float32Array = new Float32Array(size);
    const momentum = new Float32Array(size);
    let adjustment: Adjustment = noAdjustment;
    for (let round = 0; round < 30; round++) {
      for (let step = 0; step < 20; step++) {
        weights.forEach((w, i) => (momentum[i] = factor * momentum[i]! + h * (w - optimum[i]!)));
        weights = weights.map((w, i) => (w - rate * momentum[i]!) * mask[i]!);
      }
      // The last rewiring removes nothing that has not had its steps.
      const p = round === 29 ? 0 : 0.3;
      const layer = { weights, mask, momentum, growth: growth(momentum) };
      const next = rewire([layer], adjustment, { ...options, rate: p, target: kept });
      ({ mask, weights } = next.layers[0] as { mask: Float32Array; weights: Float32Array });
      ({ adjustment } = next);
    }
    return mask;
  }

  /** Σ over removed weights of ½ h θ*², least over all C(12, 4) supports. */
  function bestSupport(): Float32Array {
    let best = { loss: Infinity, mask: new Float32Array(size) };
    for (let bits = 0; bits < 1 << size; bits++) {
      const mask = Float32Array.from({ length: size }, (_, i) => (bits >> i) & 1);
      if (countActive(mask) !== kept) continue;
      const loss = optimum.reduce((sum, t, i) => sum + (1 - mask[i]!) * 0.5 * h * t * t, 0);
      if (loss < best.loss) best = { loss, mask };
    }
    return best.mask;
  }

  test('it ends on the largest |θ*|, the optimum by enumeration; growing where momentum is least it does not', () => {
    expect(trained((momentum) => momentum)).toEqual(bestSupport());
    expect(trained((momentum) => momentum.map((m) => 1 / m))).not.toEqual(bestSupport());
  });
});
