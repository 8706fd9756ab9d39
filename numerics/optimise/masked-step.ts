/** A training step in which some weights stay zero. */
import * as tf from '@tensorflow/tfjs';
import type { Loop } from '../graph/loop.js';

/** Of one parameter: 1 where the weight is kept, 0 where it stays zero. */
export interface Mask {
  /** Of the parameter, in the order of the model. */
  readonly position: number;
  readonly kept: tf.Tensor;
}

/** From (…state, …rest) to (…state, …masks, …rest): the new state's parameters are multiplied by their masks. */
export function maskedStep(masks: readonly Mask[], stateSize: number, { steps, open }: Loop): Loop {
  const openMasked: Loop['open'] = (...inputs) => {
    const kept = inputs.slice(stateSize, stateSize + masks.length);
    const rest = inputs.slice(stateSize + masks.length);
    const body = open(...inputs.slice(0, stateSize), ...rest);
    return {
      ...body,
      finish(state) {
        const outputs = body.finish(state);
        masks.forEach(
          ({ position }, i) => (outputs[position] = tf.mul(outputs[position]!, kept[i]!)),
        );
        return outputs;
      },
    };
  };
  return { steps, open: openMasked };
}
