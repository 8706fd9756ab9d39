/** A procedure's state as a record of named tensors, and as the list that the compiled calls carry. */
import type * as tf from '@tensorflow/tfjs';

export interface NamedState<K extends string> {
  readonly toList: (state: Readonly<Record<K, tf.Tensor>>) => tf.Tensor[];
  readonly toState: (list: readonly tf.Tensor[]) => Readonly<Record<K, tf.Tensor>>;
}

/** The list has the order of the names. */
export function namedState<K extends string>(names: readonly K[]): NamedState<K> {
  return {
    toList: (state) => names.map((name) => state[name]),
    toState: (list) =>
      Object.fromEntries(names.map((name, i) => [name, list[i]!])) as Record<K, tf.Tensor>,
  };
}
