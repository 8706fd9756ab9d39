/** The largest and the smallest eigenvalues of a symmetric operator with their vectors, by Lanczos. */
import type { LanczosOptions } from './lanczos.js';
import { lanczosSteps } from './lanczos.js';
import type { ProductMethod } from './operator.js';
import { ritzValues, ritzVector, type RitzValue, type Tridiagonal } from './ritz.js';

export interface ExtremalOptions extends LanczosOptions {
  /** How many of each end. */
  readonly largest: number;
  readonly smallest: number;
  /**
   * Of a residual against the largest |eigenvalue| found, an estimate of the operator's norm: a
   * smallest eigenvalue may be 0, against which nothing converges.
   */
  readonly tolerance: number;
}

export interface Eigenvalue {
  readonly eigenvalue: number;
  /** ||A y - θ y||. */
  readonly residual: number;
  readonly converged: boolean;
}

export interface EigenPair extends Eigenvalue {
  /** y [size], of unit length; its sign means nothing. */
  readonly vector: Float64Array;
}

export interface ExtremalResult {
  /** Descending. Fewer than asked only where the operator has fewer distinct eigenvalues. */
  readonly largest: readonly EigenPair[];
  /** Ascending. */
  readonly smallest: readonly EigenPair[];
  /** Products with A. */
  readonly iterations: number;
  /** All of them. */
  readonly converged: boolean;
}

/**
 * Stops when every pair that was asked for has converged. From one start vector Lanczos sees one
 * vector of each eigenspace: an eigenvalue that occurs twice counts once (until rounding shows it
 * the other copy).
 */
export function* extremalEigenvalues(
  start: Float64Array,
  options: ExtremalOptions,
): ProductMethod<ExtremalResult> {
  checkCounts(options, start.length);
  const t = yield* lanczosSteps(start, options.maxSteps, (sofar) => {
    if (sofar.alphas.length < options.largest + options.smallest) return true;
    const all = ritzValues(sofar);
    return ![...largestOf(all, options), ...smallestOf(all, options)].every(within(all, options));
  });
  return resultOf(t, options);
}

/** The vectors of many images, or of a large network, would fill the memory. */
export function withoutVector({ eigenvalue, residual, converged }: EigenPair): Eigenvalue {
  return { eigenvalue, residual, converged };
}

function resultOf(t: Tridiagonal, options: ExtremalOptions): ExtremalResult {
  const all = ritzValues(t);
  const good = within(all, options);
  const pair = (value: RitzValue): EigenPair => ({
    eigenvalue: value.eigenvalue,
    residual: value.residual,
    converged: good(value),
    vector: ritzVector(t, value),
  });
  const largest = largestOf(all, options).map(pair);
  const smallest = smallestOf(all, options).map(pair);
  const converged = [...largest, ...smallest].every((found) => found.converged);
  return { largest, smallest, iterations: t.alphas.length, converged };
}

function largestOf(descending: readonly RitzValue[], { largest }: ExtremalOptions): RitzValue[] {
  return descending.slice(0, largest);
}

function smallestOf(descending: readonly RitzValue[], { smallest }: ExtremalOptions): RitzValue[] {
  return smallest === 0 ? [] : descending.slice(-smallest).reverse();
}

function within(
  descending: readonly RitzValue[],
  { tolerance }: ExtremalOptions,
): (value: RitzValue) => boolean {
  const norm = Math.max(...[descending[0]!, descending.at(-1)!].map((r) => Math.abs(r.eigenvalue)));
  return ({ residual }) => residual <= tolerance * norm;
}

function checkCounts({ largest, smallest, maxSteps }: ExtremalOptions, size: number): void {
  const asked = largest + smallest;
  if (asked < 1) throw new Error('no eigenvalue was asked for: largest + smallest is 0');
  if (asked > size) {
    throw new Error(`largest + smallest = ${asked} exceeds the operator's size ${size}`);
  }
  if (asked > maxSteps) {
    throw new Error(
      `largest + smallest = ${asked} needs as many steps, but maxSteps = ${maxSteps}`,
    );
  }
}
