/** The average over the data set of the images' input Hessians: one operator of an image's size. */
import type { Pause } from '../batched.js';
import type { ParameterTensors } from '../parameters.js';
import type { InputHessian } from './input-hessian.js';
import type { SlowOperator } from './operator.js';
import { axpy } from './vectors.js';

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
