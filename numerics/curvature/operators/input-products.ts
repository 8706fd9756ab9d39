/** One product of each image's input Hessian with a vector of its own. */
import type { Pause } from '../../evaluation/batched.js';
import type { ParameterTensors } from '../../models/parameters.js';
import type { InputHessian } from './input-hessian.js';

/** H(x_i) v_i for every image of the data set, in order. Pauses after every batch. */
export async function imageProducts(
  hessian: InputHessian,
  parameters: ParameterTensors,
  vectorOf: (image: number) => Float64Array,
  pause: Pause,
): Promise<readonly Float64Array[]> {
  const products: Float64Array[] = [];
  for (let from = 0; from < hessian.count; from += hessian.batchSize) {
    const blocks = hessian.blocks(parameters, from);
    try {
      const vectors = Array.from({ length: blocks.count }, (_, i) => vectorOf(from + i));
      products.push(...blocks.matvecs(vectors).map((product) => product!));
    } finally {
      blocks.dispose();
    }
    await pause();
  }
  return products;
}
