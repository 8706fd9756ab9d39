/**
 * The distribution of all eigenvalues from random products: stochastic Lanczos quadrature
 * (Golub and Meurant 1994; Ubaru, Chen and Saad 2017; for networks Ghorbani et al. 2019).
 */
import { lanczosSteps } from './lanczos.js';
import type { ProductMethod } from '../operators/operator.js';
import { ritzValues } from './ritz.js';

/** A discrete measure: its moments approximate (1/size) tr A^k. */
export interface Quadrature {
  readonly nodes: readonly number[];
  /** As many, not negative, with sum 1. */
  readonly weights: readonly number[];
}

/**
 * The Gauss quadrature of one probe v after m steps: nodes are the Ritz values, weights the squared
 * first entries of the tridiagonal's eigenvectors. Exact for v^T A^k v / v^T v up to k = 2 m - 1.
 */
export function* lanczosQuadrature(v: Float64Array, steps: number): ProductMethod<Quadrature> {
  const all = ritzValues(yield* lanczosSteps(v, steps, () => true));
  return {
    nodes: all.map(({ eigenvalue }) => eigenvalue),
    weights: all.map(({ first }) => first ** 2),
  };
}

/** The mean of the quadratures of random probes (signs or normals, as for the trace); throws where there are none. */
export function meanQuadrature(quadratures: readonly Quadrature[]): Quadrature {
  const probes = quadratures.length;
  if (probes < 1) throw new Error(`a spectral density needs at least one probe, not ${probes}`);
  return {
    nodes: quadratures.flatMap(({ nodes }) => nodes),
    weights: quadratures.flatMap(({ weights }) => weights.map((weight) => weight / probes)),
  };
}

/** Σ w_i λ_i^k. */
export function moment({ nodes, weights }: Quadrature, k: number): number {
  return nodes.reduce((sum, node, i) => sum + weights[i]! * node ** k, 0);
}

/** The measure seen through a Gaussian of this width: a density at each of the places. */
export function smoothed(
  { nodes, weights }: Quadrature,
  width: number,
  places: readonly number[],
): number[] {
  const peak = 1 / (width * Math.sqrt(2 * Math.PI));
  return places.map((place) =>
    nodes.reduce((sum, node, i) => {
      const distance = (place - node) / width;
      return sum + weights[i]! * peak * Math.exp((-distance * distance) / 2);
    }, 0),
  );
}

/** A smoothed spectral density on a grid of eigenvalues; it integrates to 1. */
export interface DensityOnGrid {
  readonly places: readonly number[];
  readonly density: readonly number[];
  /** Standard deviation of the Gaussian. */
  readonly width: number;
}

/**
 * Equally spaced places from four widths below the smallest node to four above the largest, the width
 * being this share of the nodes' range: nothing of the measure is cut off.
 */
export function densityOnGrid(quadrature: Quadrature, count: number, share: number): DensityOnGrid {
  const [low, high] = [Math.min(...quadrature.nodes), Math.max(...quadrature.nodes)];
  const width = share * (high - low || Math.abs(high) || 1);
  const step = (high - low + 8 * width) / (count - 1);
  const places = Array.from({ length: count }, (_, i) => low - 4 * width + i * step);
  return { places, density: smoothed(quadrature, width, places), width };
}
