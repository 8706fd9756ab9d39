/** The largest and the smallest values of a list by magnitude; among equal ones the first position goes first. */

/** Positions of the `count` largest |values| among `positions` (in increasing order), all of them where there are fewer. */
export function largest(
  values: ArrayLike<number>,
  positions: Uint32Array,
  count: number,
): Uint32Array {
  return ranked(positions, (a, b) => Math.abs(values[b]!) - Math.abs(values[a]!), count);
}

/** Positions of the `count` smallest |values| among `positions` (in increasing order), all of them where there are fewer. */
export function smallest(
  values: ArrayLike<number>,
  positions: Uint32Array,
  count: number,
): Uint32Array {
  return ranked(positions, (a, b) => Math.abs(values[a]!) - Math.abs(values[b]!), count);
}

function ranked(
  positions: Uint32Array,
  compare: (a: number, b: number) => number,
  count: number,
): Uint32Array {
  return positions
    .slice()
    .sort((a, b) => compare(a, b) || a - b)
    .subarray(0, count);
}

/**
 * z = arg min ‖θ - z‖² over all z with at most `count` entries that are not zero: θ on its `count` largest |θ_i|, 0
 * elsewhere. θ and z are vectors [n].
 */
export function keepLargest(theta: ArrayLike<number>, count: number): Float32Array {
  const kept = new Float32Array(theta.length);
  const all = Uint32Array.from({ length: theta.length }, (_, i) => i);
  for (const i of largest(theta, all, count)) kept[i] = theta[i]!;
  return kept;
}

/** Positions where a mask [n] is 1 (or, with `isActive` false, 0), in increasing order. */
export function positionsOf(mask: ArrayLike<number>, isActive: boolean): Uint32Array {
  const found = new Uint32Array(mask.length);
  let count = 0;
  for (let i = 0; i < mask.length; i++) {
    if ((mask[i] !== 0) === isActive) found[count++] = i;
  }
  return found.subarray(0, count);
}
