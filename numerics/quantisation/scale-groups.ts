/** Groups of weights that share a scale, as the rows of a matrix. */
import * as tf from '@tensorflow/tfjs';
import type { ScaleGroup } from '../../experiment/specs/quantisation.js';

/** Weights [..., out] as [1, values] (`tensor`), or as [out, values] (`channel`). */
export function toGroups(weights: tf.Tensor, per: ScaleGroup): tf.Tensor {
  switch (per) {
    case 'tensor':
      return tf.reshape(weights, [1, weights.size]);
    case 'channel':
      return tf.transpose(tf.reshape(weights, [-1, weights.shape.at(-1)!]));
    default:
      throw new Error(`unknown group ${String(per satisfies never)}`);
  }
}

/** The inverse of `toGroups` for weights of that shape. */
export function fromGroups(
  groups: tf.Tensor,
  shape: readonly number[],
  per: ScaleGroup,
): tf.Tensor {
  return tf.reshape(per === 'tensor' ? groups : tf.transpose(groups), [...shape]);
}
