/** The average over the data set of the images' input Hessians: one operator of an image's size. */
import type { Pause } from '../../evaluation/batched.js';
import type { ParameterTensors } from '../../models/parameters.js';
import { float32Noise, lanczosDirections } from '../algorithms/start-vectors.js';
import { extremalEigenvalues, type EigenPair } from '../algorithms/extremal-eigenvalues.js';
import type { InputHessian } from '../operators/input-hessian.js';
import { solveSlowly, type SlowOperator } from '../operators/operator.js';
import { axpy } from '../algorithms/vectors.js';

/** v ↦ (1/count) Σ_i H(x_i) v; the parameters must stay alive. Pauses after every batch. */
export function meanInputHessian(
  hessian: InputHessian,
  parameters: ParameterTensors,
  pause: Pause,
): SlowOperator {
  return {
    size: hessian.size,
    async matvec(v) {
      const total = new Float64Array(v.length);
      for (let from = 0; from < hessian.count; from += hessian.batchSize) {
        const blocks = hessian.blocks(parameters, from);
        const products = blocks.matvecs(Array.from({ length: blocks.count }, () => v));
        blocks.dispose();
        for (const product of products) axpy(1 / hessian.count, product!, total);
        await pause();
      }
      return total;
    },
  };
}

/** Most Lanczos steps: the mean over many images has a rank that one image's Hessian has not. */
export const meanHessianSteps = 60;

/** Its largest eigenvalue, to the tolerance on the residual relative to it. */
export async function meanHessianEigenvalue(
  hessian: InputHessian,
  parameters: ParameterTensors,
  { seed, tolerance }: { readonly seed: number; readonly tolerance: number },
  pause: Pause,
): Promise<EigenPair> {
  const directions = lanczosDirections(seed, 0, hessian.size, 'mean-lanczos-start');
  const maxSteps = Math.min(meanHessianSteps, hessian.size);
  const top = { largest: 1, smallest: 0, maxSteps, tolerance, noise: float32Noise };
  const operator = meanInputHessian(hessian, parameters, pause);
  const { largest } = await solveSlowly(operator, extremalEigenvalues(directions, top));
  return largest[0]!;
}
