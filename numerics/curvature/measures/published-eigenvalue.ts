/**
 * The input-Hessian eigenvalue as the paper's code computes it (IBM/model-sanitization,
 * Hessian/hessianflow/eigen.py, get_eigen_full_dataset_only_inputs): power iteration on a vector of
 * the shape of one batch, with the mean loss of each batch, summed over the batches. The Hessian is
 * block diagonal, so what comes out is max over slots s of λ_max(mean over batches of H(x_s)) / B:
 * images that share a slot are mixed, and the scale is 1 / B. For `compat: published`; the
 * eigenvalue of each image by itself is what was meant.
 */
import type { Pause } from '../../evaluation/batched.js';
import type { ParameterTensors } from '../../models/parameters.js';
import { normals, stream } from '../../random.js';
import type { InputHessian } from '../operators/input-hessian.js';
import { solveSlowly, type ProductMethod, type SlowOperator } from '../operators/operator.js';
import { axpy, dot, norm, scaled } from '../algorithms/vectors.js';

/** Step limit and tolerance of the power iteration. */
export interface PublishedOptions {
  /** 10 in the paper's driver. */
  readonly maxSteps: number;
  /** Absolute: of two consecutive estimates; 1e-2 in the paper's driver. */
  readonly tolerance: number;
}

/** The estimate at which the power iteration ended. */
export interface PublishedEigenvalue {
  readonly eigenvalue: number;
  readonly iterations: number;
  /** Whether the last two estimates differed by less than the tolerance. */
  readonly converged: boolean;
}

/**
 * Its operator: v of one batch's shape ↦ Σ_b H_b v over the complete batches, in order, each H_b of
 * that batch's mean loss. An incomplete last batch is left out, as there.
 */
export function publishedOperator(
  hessian: InputHessian,
  parameters: ParameterTensors,
  pause: Pause,
): SlowOperator & { readonly batches: number } {
  const { batchSize, size } = hessian;
  const batches = Math.floor(hessian.count / batchSize);
  return {
    size: batchSize * size,
    batches,
    async matvec(v) {
      const slots = Array.from({ length: batchSize }, (_, i) =>
        v.subarray(i * size, (i + 1) * size),
      );
      const total = new Float64Array(v.length);
      for (let b = 0; b < batches; b++) {
        const blocks = hessian.blocks(parameters, b * batchSize);
        const products = blocks.matvecs(slots);
        blocks.dispose();
        products.forEach((product, i) =>
          axpy(1 / batchSize, product!, total.subarray(i * size, (i + 1) * size)),
        );
        await pause();
      }
      return total;
    },
  };
}

/** Power iteration over the data set in the batches of the given Hessian, from a seeded start vector. */
export function measurePublished(
  hessian: InputHessian,
  parameters: ParameterTensors,
  options: PublishedOptions & { readonly seed: number },
  pause: Pause,
): Promise<PublishedEigenvalue> {
  const operator = publishedOperator(hessian, parameters, pause);
  const start = normals(stream(options.seed, 'published-start', 0), operator.size);
  return solveSlowly(operator, publishedEigenvalue(start, operator.batches, options));
}

/** The published code divides by the length plus this. */
const guard = 1e-6;

/**
 * Power iteration with T = Σ_b H_b from products T v: estimates <T v, v> / batches until two in a
 * row are close. The start need not have unit length; the published code draws normals.
 */
export function* publishedEigenvalue(
  start: Float64Array,
  batches: number,
  { maxSteps, tolerance }: PublishedOptions,
): ProductMethod<PublishedEigenvalue> {
  let v = scaled(1 / (norm(start) + guard), start);
  let last: number | null = null;
  for (let i = 1; i <= maxSteps; i++) {
    const total = yield v;
    const eigenvalue = dot(total, v) / batches;
    if (last !== null && Math.abs(eigenvalue - last) < tolerance) {
      return { eigenvalue, iterations: i, converged: true };
    }
    v = scaled(1 / (norm(total) + guard), total);
    last = eigenvalue;
  }
  if (last === null) throw new Error(`power iteration needs at least one step, not ${maxSteps}`);
  return { eigenvalue: last, iterations: maxSteps, converged: false };
}
