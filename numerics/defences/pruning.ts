/** Filter pruning by the l1 norm (Li et al. 2017, section 3.1), as masks: the network keeps its shape. */
import { parameterSize, type ParameterSpec, type ParameterValues } from '../models/parameters.js';

/**
 * 1 and 0 for every weight of the parameters in which something is pruned, by name. Of each convolution
 * [height, width, in, out] the ⌊share · out⌋ filters of the smallest Σ|w|; among equal ones the first. The
 * bias of such a filter goes with it, batch norm stays.
 */
export function filterMasks(
  specs: readonly ParameterSpec[],
  values: ParameterValues,
  share: number,
): ReadonlyMap<string, Float32Array> {
  const masks = new Map<string, Float32Array>();
  for (const spec of specs) {
    if (spec.shape.length !== 4) continue;
    const filters = spec.shape[3]!;
    const keeps = keptFilters(values.get(spec.name)!, filters, Math.floor(share * filters));
    const repeated = (size: number) =>
      Float32Array.from({ length: size }, (_, i) => keeps[i % filters]!);
    masks.set(spec.name, repeated(parameterSize(spec)));
    const bias = spec.name.replace(/weight$/, 'bias');
    if (bias !== spec.name && values.has(bias)) masks.set(bias, repeated(filters));
  }
  return masks;
}

/** 0 for the `pruned` filters of the smallest norm; the filter is the last axis. */
function keptFilters(weights: Float32Array, filters: number, pruned: number): Float32Array {
  const norms = new Float64Array(filters);
  weights.forEach((w, i) => (norms[i % filters]! += Math.abs(w)));
  const order = Array.from(norms.keys()).sort((a, b) => norms[a]! - norms[b]! || a - b);
  const kept = new Float32Array(filters).fill(1);
  for (const filter of order.slice(0, pruned)) kept[filter] = 0;
  return kept;
}
