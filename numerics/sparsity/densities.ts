/** How many weights of each layer a sparse network keeps at first. */

/** Weights of one layer: the shape of its tensor, outputs last. */
export interface SparseShape {
  readonly shape: readonly number[];
}

/** Equal densities, or those of an Erdős-Rényi graph whose kernels count (ERK). */
export type InitialDensities = 'uniform' | 'erk';

/** round(d_l · n_l) for each layer of n_l weights, with Σ d_l n_l = density · Σ n_l. */
export function activeCounts(
  layers: readonly SparseShape[],
  density: number,
  initial: InitialDensities,
): readonly number[] {
  const sizes = layers.map(({ shape }) => product(shape));
  const densities =
    initial === 'uniform' ? layers.map(() => density) : erkDensities(layers, density);
  return sizes.map((size, l) => Math.round(densities[l]! * size));
}

/**
 * d_l = min(1, ε · (Σ sides) / (Π sides)) over the sides of the tensor, ε such that Σ d_l n_l = density · Σ n_l (Evci et
 * al. 2020, section 3, after Mocanu et al. 2018): larger layers are sparser.
 */
export function erkDensities(layers: readonly SparseShape[], density: number): readonly number[] {
  const sizes = layers.map(({ shape }) => product(shape));
  const raw = layers.map(({ shape }, l) => shape.reduce((a, b) => a + b, 0) / sizes[l]!);
  const wanted = density * sizes.reduce((a, b) => a + b, 0);
  const full = new Set<number>();
  for (;;) {
    const room = wanted - sizes.reduce((sum, n, l) => sum + (full.has(l) ? n : 0), 0);
    const weight = sizes.reduce((sum, n, l) => sum + (full.has(l) ? 0 : n * raw[l]!), 0);
    const epsilon = weight === 0 ? 0 : room / weight;
    const over = raw.findIndex((one, l) => !full.has(l) && epsilon * one > 1);
    if (over < 0) return raw.map((one, l) => (full.has(l) ? 1 : epsilon * one));
    full.add(over);
  }
}

function product(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}
