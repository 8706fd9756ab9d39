/** Records of named tensors, and the lists in their place that compiled graphs take and give. */
import type * as tf from '@tensorflow/tfjs';

/** For each name, in the order of the list: `one` tensor, or a list of so many. */
export type RecordLayout = Readonly<Record<string, 'one' | number>>;

/** Record of a layout: of tensors, or of anything else in their order, such as their names. */
type TensorRecord<L extends RecordLayout, T = tf.Tensor> = {
  readonly [K in keyof L]: L[K] extends 'one' ? T : readonly T[];
};

/** The two forms of one layout. */
export interface RecordForm<L extends RecordLayout> {
  /** Tensors of the list. */
  readonly size: number;
  readonly toList: <T>(record: TensorRecord<L, T>) => T[];
  /** Throws where the list has another length. */
  readonly toRecord: <T>(list: readonly T[]) => TensorRecord<L, T>;
}

/** Both forms of a layout; the list has the order of the names. */
export function tensorRecord<const L extends RecordLayout>(layout: L): RecordForm<L> {
  const entries = Object.entries(layout);
  const size = entries.reduce((total, [, count]) => total + (count === 'one' ? 1 : count), 0);
  return {
    size,
    toList<T>(record: TensorRecord<L, T>) {
      const parts: Readonly<Record<string, unknown>> = record;
      return entries.flatMap(([name]) => parts[name]) as T[];
    },
    toRecord<T>(list: readonly T[]) {
      if (list.length !== size) {
        const names = Object.keys(layout).join(', ');
        throw new Error(`${list.length} tensors for ${names}, which are ${size}`);
      }
      let from = 0;
      const parts = entries.map(([name, count]) => {
        const part = list.slice(from, from + (count === 'one' ? 1 : count));
        from += part.length;
        return [name, count === 'one' ? part[0]! : part] as const;
      });
      return Object.fromEntries(parts) as TensorRecord<L, T>;
    },
  };
}
