/**
 * Dynamic rewiring of a sparse network: sparse momentum (Dettmers & Zettlemoyer 2019), which DNR (Kundu et al. 2021)
 * follows with the momentum of a robust loss. Inactive weights are 0; their momentum keeps accumulating.
 */
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { permutation } from '../random.js';
import { largest, positionsOf, smallest } from './largest.js';
import {
  countActive,
  growthCounts,
  layerRate,
  layerShares,
  type LayerState,
} from './redistribution.js';

/** Correction that one rewiring leaves to the next. */
export interface Adjustment {
  /** Weights to grow beyond those removed. */
  readonly next: number;
  /** Σ over past rewirings of the weights that were missing after them. */
  readonly gaps: number;
  /** Rewirings so far. */
  readonly rewirings: number;
}

/** Before the first rewiring. */
export const noAdjustment: Adjustment = { next: 0, gaps: 0, rewirings: 0 };

/** A layer to be rewired. */
export interface RewiredLayer extends LayerState {
  /** Values by whose magnitude the places are ranked where weights grow [n]. */
  readonly growth: Float32Array;
}

/** How a network is rewired. */
export interface RewiringOptions {
  /** Fraction of the active weights of each layer that is removed. */
  readonly rate: number;
  /** `none`: each layer grows as many weights as it lost. */
  readonly redistribution: 'momentum' | 'none';
  /** Weights grow at random places where there is one, else by rank. */
  readonly generator: RandomGenerator | null;
  /** Active weights that the network is to have. */
  readonly target: number;
}

/** The network after a rewiring. */
export interface Rewired {
  readonly layers: readonly Pick<LayerState, 'weights' | 'mask'>[];
  readonly adjustment: Adjustment;
  /** v_l: the fraction of what grew that was each layer's due. */
  readonly shares: readonly number[];
}

/**
 * Removes ceil(p_l · active) weights of smallest magnitude of each layer, and grows as many in all: ceil(v_l · (removed +
 * adjustment)) a layer, by v_l = normalised mean |momentum|, at the free places of largest |growth|. What grows begins at 0;
 * a weight that is removed and grown at once keeps its value. With gap = target - active the next adjustment is
 * ¼ adjustment + ¾ gap + mean of all gaps so far.
 */
export function rewire(
  layers: readonly RewiredLayer[],
  before: Adjustment,
  { rate, redistribution, generator, target }: RewiringOptions,
): Rewired {
  const shares = layerShares(layers);
  const pruned = layers.map((layer, l) => {
    return removeSmallest(layer, layerRate(rate, layer, shares[l]!, layers.length));
  });
  const removed = pruned.map((mask, l) => countActive(layers[l]!.mask) - countActive(mask));
  const free = pruned.map((mask) => mask.length - countActive(mask));
  const wanted = removed.reduce((a, b) => a + b, 0) + before.next;
  const counts = redistribution === 'none' ? removed : growthCounts(shares, wanted, free);
  const masks = pruned.map((mask, l) => grow(mask, layers[l]!.growth, counts[l]!, generator));
  const gap = target - masks.reduce((sum, mask) => sum + countActive(mask), 0);
  return {
    layers: masks.map((mask, l) => ({
      mask,
      weights: layers[l]!.weights.map((w, i) => (mask[i] === 0 ? 0 : w)),
    })),
    adjustment: nextAdjustment(before, gap),
    shares,
  };
}

/** The mask [n] without the ceil(rate · active) active weights of smallest magnitude. */
export function removeSmallest({ weights, mask }: LayerState, rate: number): Float32Array {
  const active = positionsOf(mask, true);
  const next = mask.slice();
  for (const i of smallest(weights, active, Math.ceil(rate * active.length))) next[i] = 0;
  return next;
}

/** The mask [n] with `count` more active weights: of largest |growth|, or at places of the generator. */
function grow(
  mask: Float32Array,
  growth: Float32Array,
  count: number,
  generator: RandomGenerator | null,
): Float32Array {
  const free = positionsOf(mask, false);
  const next = mask.slice();
  const places = generator
    ? Array.from(permutation(generator, free.length).subarray(0, count), (i) => free[i]!)
    : largest(growth, free, count);
  for (const i of places) next[i] = 1;
  return next;
}

function nextAdjustment(before: Adjustment, gap: number): Adjustment {
  const [gaps, rewirings] = [before.gaps + gap, before.rewirings + 1];
  return { next: before.next / 4 + (3 * gap) / 4 + gaps / rewirings, gaps, rewirings };
}
