/** Hessian products and eigenvalues, as spectrum runs compute them. */
import { closedFormEigenvalues } from '../../numerics/curvature/operators/gauss-newton.js';
import { inputEigenvalues } from '../../numerics/curvature/measures/input-eigenvalues.js';
import { createInputHessian } from '../../numerics/curvature/operators/input-hessian.js';
import { createJacobian } from '../../numerics/curvature/operators/input-jacobian.js';
import { createParameterHessian } from '../../numerics/curvature/operators/parameter-hessian.js';
import { normals, stream } from '../../numerics/random.js';
import { noPause } from './passes.js';
import type { Setting } from './setting.js';
import { batchSize } from './sizes.js';
import { repeated, type PreparedWork } from './work.js';

/** As the default of an experiment, except for the steps: every image is to converge. */
export const lanczos = { maxSteps: 60, tolerance: 1e-4, seed: 1 };

export function direction(size: number, index: number): Float64Array {
  return normals(stream(1, 'probe', index), size);
}

/** With the pass through the network. */
export function weightProduct({ host, model, firstBatch, weights }: Setting): PreparedWork {
  const hessian = createParameterHessian(host, model, firstBatch, batchSize);
  const size = hessian.at(weights, 'mean', noPause).size;
  const v = direction(size, 0);
  return repeated(
    async () => void (await hessian.at(weights, 'mean', noPause).matvec(v)),
    () => hessian.dispose(),
  );
}

/** One more product at the same point. */
export function weightProductKept({ host, model, firstBatch, weights }: Setting): PreparedWork {
  const hessian = createParameterHessian(host, model, firstBatch, batchSize);
  const operator = hessian.at(weights, 'mean', noPause);
  const v = direction(operator.size, 0);
  return repeated(
    async () => void (await operator.matvec(v)),
    () => hessian.dispose(),
  );
}

export function inputProduct({ host, model, firstBatch, weights }: Setting): PreparedWork {
  const hessian = createInputHessian(host, model, firstBatch, batchSize);
  const vectors = directions(hessian.size);
  return repeated(
    () => {
      const blocks = hessian.blocks(weights, 0);
      blocks.matvecs(vectors);
      blocks.dispose();
    },
    () => hessian.dispose(),
  );
}

export function inputProductKept({ host, model, firstBatch, weights }: Setting): PreparedWork {
  const hessian = createInputHessian(host, model, firstBatch, batchSize);
  const vectors = directions(hessian.size);
  const blocks = hessian.blocks(weights, 0);
  return repeated(
    () => void blocks.matvecs(vectors),
    () => {
      blocks.dispose();
      hessian.dispose();
    },
  );
}

export function directions(size: number): Float64Array[] {
  return Array.from({ length: batchSize }, (_, i) => direction(size, i));
}

/** Lanczos on the exact Hessian, all images of the batch at once. */
export function eigenvaluesLanczos({ host, model, firstBatch, weights }: Setting): PreparedWork {
  const hessian = createInputHessian(host, model, firstBatch, batchSize);
  const options = { ...lanczos, largest: 1, smallest: 0 };
  return repeated(
    () => inputEigenvalues(hessian, weights, options, noPause, noPause),
    () => hessian.dispose(),
  );
}

/** J^T S J from one pass per class. */
export function eigenvaluesClosedForm({ host, model, firstBatch, weights }: Setting): PreparedWork {
  const jacobian = createJacobian(host, model, firstBatch, batchSize);
  return repeated(
    () => jacobian.each(weights, (j) => void closedFormEigenvalues(j), noPause),
    () => jacobian.dispose(),
  );
}
