/** Stochastic gradient descent with momentum (Sutskever et al. 2013, in the form that PyTorch uses). */
import * as tf from '@tensorflow/tfjs';
import type { ParameterTensors } from '../models/parameters.js';

export interface SgdState {
  readonly parameters: tf.Tensor[];
  readonly velocities: tf.Tensor[];
}

/** v ← momentum · v + g, then w ← w - learningRate · v; learningRate is a scalar. */
export function sgdStep(
  state: { readonly parameters: ParameterTensors; readonly velocities: ParameterTensors },
  gradients: readonly tf.Tensor[],
  momentum: number,
  learningRate: tf.Tensor,
): SgdState {
  const velocities = state.velocities.map((v, i) => tf.add(tf.mul(v, momentum), gradients[i]!));
  const parameters = state.parameters.map((w, i) =>
    tf.sub(w, tf.mul(velocities[i]!, learningRate)),
  );
  return { parameters, velocities };
}
