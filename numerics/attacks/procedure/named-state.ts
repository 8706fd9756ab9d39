/** States of procedures by name. */
import type * as tf from '@tensorflow/tfjs';

/** Converts a state between a record of named tensors and the list that compiled calls carry. */
export interface NamedState<K extends string> {
  readonly toList: (state: Readonly<Record<K, tf.Tensor>>) => tf.Tensor[];
  readonly toState: (list: readonly tf.Tensor[]) => Readonly<Record<K, tf.Tensor>>;
}

/** The conversions for these names; the list has their order. */
export function namedState<K extends string>(names: readonly K[]): NamedState<K> {
  return {
    toList: (state) => names.map((name) => state[name]),
    toState: (list) =>
      Object.fromEntries(names.map((name, i) => [name, list[i]!])) as Record<K, tf.Tensor>,
  };
}
