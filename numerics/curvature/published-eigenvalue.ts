/**
 * The input-Hessian eigenvalue as the paper's code computes it (IBM/model-sanitization,
 * Hessian/hessianflow/eigen.py, get_eigen_full_dataset_only_inputs): power iteration on a vector of
 * the shape of one batch, with the mean loss of each batch, summed over the batches. The Hessian is
 * block diagonal, so what comes out is max over slots s of λ_max(mean over batches of H(x_s)) / B:
 * images that share a slot are mixed, and the scale is 1 / B. For `compat: published`; the
 * eigenvalue of each image by itself is what was meant.
 */
import type { ProductMethod } from './operator.js';
import { dot, norm, scaled } from './vectors.js';

export interface PublishedOptions {
  /** 10 in the paper's driver. */
  readonly maxSteps: number;
  /** Absolute: of two consecutive estimates; 1e-2 in the paper's driver. */
  readonly tolerance: number;
}

export interface PublishedEigenvalue {
  readonly eigenvalue: number;
  readonly iterations: number;
  /** Whether the last two estimates differed by less than the tolerance. */
  readonly converged: boolean;
}

/** The published code divides by the length plus this. */
const guard = 1e-6;

/**
 * For the mean over batches M = (1/batches) Σ_b H_b, each H_b of a batch's mean loss: estimates
 * <M v, v> until they settle. Where the published code keeps the sum T = batches · M and divides
 * the estimate, here the mean is iterated, which differs by that guard alone.
 */
export function* publishedEigenvalue(
  start: Float64Array,
  batches: number,
  { maxSteps, tolerance }: PublishedOptions,
): ProductMethod<PublishedEigenvalue> {
  let v = scaled(1 / (norm(start) + guard), start);
  let last: number | null = null;
  for (let i = 1; i <= maxSteps; i++) {
    const total = scaled(batches, yield v);
    const eigenvalue = dot(total, v) / batches;
    v = scaled(1 / (norm(total) + guard), total);
    if (last !== null && Math.abs(eigenvalue - last) < tolerance) {
      return { eigenvalue, iterations: i, converged: true };
    }
    last = eigenvalue;
  }
  if (last === null) throw new Error(`power iteration needs at least one step, not ${maxSteps}`);
  return { eigenvalue: last, iterations: maxSteps, converged: false };
}
