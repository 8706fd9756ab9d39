/** How many weights each layer loses and gains when a sparse network is rewired (Dettmers & Zettlemoyer 2019). */

/** One layer between two rewirings. */
export interface LayerState {
  /** Weights w [n], 0 where they are inactive. */
  readonly weights: Float32Array;
  /** 1 [n] where a weight is active. */
  readonly mask: Float32Array;
  /** Momentum [n], of inactive weights too. */
  readonly momentum: Float32Array;
}

/** Number of active weights. */
export function countActive(mask: ArrayLike<number>): number {
  let count = 0;
  for (let i = 0; i < mask.length; i++) if (mask[i] !== 0) count += 1;
  return count;
}

/**
 * v_l = m_l / Σ_k m_k with m_l the mean |momentum| over the active weights of layer l; 0 for a layer without any. Equal
 * shares where all momenta are 0.
 */
export function layerShares(layers: readonly LayerState[]): readonly number[] {
  const means = layers.map(({ mask, momentum }) => {
    let [sum, count] = [0, 0];
    for (let i = 0; i < mask.length; i++) {
      if (mask[i] === 0) continue;
      sum += Math.abs(momentum[i]!);
      count += 1;
    }
    return count === 0 ? 0 : sum / count;
  });
  const total = means.reduce((a, b) => a + b, 0);
  return means.map((mean) => (total === 0 ? 1 / layers.length : mean / total));
}

/** Cosine from `from` to `to`: p = to + (from - to) (1 + cos π step / total) / 2. */
export function removalRate(
  { from, to }: { readonly from: number; readonly to: number },
  step: number,
  total: number,
): number {
  return to + ((from - to) * (1 + Math.cos((Math.PI * step) / total))) / 2;
}

/** Layers whose fraction of zeros is below it are nearly full. */
const nearlyFull = 0.2;

/** p_l = p; of a nearly full layer whose share is above the average min(fraction of zeros, p), so that it can grow. */
export function layerRate(
  rate: number,
  { mask }: Pick<LayerState, 'mask'>,
  share: number,
  layers: number,
): number {
  const zeros = (mask.length - countActive(mask)) / mask.length;
  return zeros < nearlyFull && share > 1 / layers ? Math.min(zeros, rate) : rate;
}

/** Most of a layer's free places that one rewiring fills. */
const mostFilled = 0.99;
const mostRounds = 1000;

/**
 * Weights to grow in each layer: ceil(v_l · (removed + adjustment)), but at most 99 % of its free places; what does not
 * fit is shared equally by all layers, again and again, for 1,000 rounds at most. `wanted` is removed + adjustment.
 */
export function growthCounts(
  shares: readonly number[],
  wanted: number,
  free: readonly number[],
): readonly number[] {
  let grown = shares.map((share) => Math.max(0, Math.ceil(share * wanted)));
  for (let round = 0; round < mostRounds; round++) {
    const fitting = grown.map((count, l) => Math.min(count, mostFilled * free[l]!));
    const surplus = grown.reduce((sum, count, l) => sum + count - fitting[l]!, 0);
    grown = fitting;
    if (surplus === 0) break;
    grown = fitting.map((count) => count + surplus / shares.length);
  }
  return grown.map((count, l) => Math.floor(Math.min(count, mostFilled * free[l]!)));
}
