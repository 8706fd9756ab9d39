/** Extremal eigenvalues of each image's input Hessian: Lanczos for all images of a batch at once. */
import type { Pause } from '../../evaluation/batched.js';
import type { ParameterTensors } from '../../models/parameters.js';
import { float32Noise, lanczosDirections } from '../algorithms/start-vectors.js';
import {
  extremalEigenvalues,
  type ExtremalOptions,
  type ExtremalResult,
} from '../algorithms/extremal-eigenvalues.js';
import type { InputHessian } from '../operators/input-hessian.js';
import { solveTogether } from '../operators/operator.js';

/**
 * Visits the images of the data set in order. Each has a start vector of its own, decided by the
 * seed and its number, so that a result does not depend on the batch. Pauses after every round of
 * products.
 */
export async function inputEigenvalues(
  hessian: InputHessian,
  parameters: ParameterTensors,
  { seed, ...options }: Omit<ExtremalOptions, 'noise'> & { readonly seed: number },
  visit: (result: ExtremalResult, image: number) => void,
  pause: Pause,
): Promise<void> {
  for (let from = 0; from < hessian.count; from += hessian.batchSize) {
    const blocks = hessian.blocks(parameters, from);
    try {
      const methods = Array.from({ length: blocks.count }, (_, i) => {
        const directions = lanczosDirections(seed, from + i, hessian.size);
        return extremalEigenvalues(directions, { ...options, noise: float32Noise });
      });
      const results = await solveTogether(blocks, methods, pause);
      results.forEach((result, i) => visit(result, from + i));
    } finally {
      blocks.dispose();
    }
  }
}
