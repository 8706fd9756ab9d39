/** Rows, of which the batches of an attack are made: each an image in a pass. */
import * as tf from '@tensorflow/tfjs';

/** Two int32 numbers, as random streams take them. */
type Seed = readonly [number, number];

/** An image in a pass, and how it starts; all that decides its outcome, whatever else is in the batch. */
export interface Row {
  /** Number of the image. */
  readonly image: number;
  /** Index of the pass among those of the attack. */
  readonly pass: number;
  readonly rank: number;
  readonly random: boolean;
  readonly seed: Seed;
}

/** Consecutive parts of `size` rows, the last one possibly shorter. */
export function batchesOf<T>(rows: readonly T[], size: number): readonly (readonly T[])[] {
  const starts = Array.from({ length: Math.ceil(rows.length / size) }, (_, i) => i * size);
  return starts.map((from) => rows.slice(from, from + size));
}

/** So many rows, the first one again where there are fewer: padding that behaves like any row. */
export function filled(rows: readonly Row[], size: number): readonly Row[] {
  return Array.from({ length: size }, (_, i) => rows[i] ?? rows[0]!);
}

/** Seeds of a batch, [size, 2] (int32), each moved on by `offset`; padding has zeros. */
export function seedTensor(
  rows: readonly Pick<Row, 'seed'>[],
  size: number,
  offset = 0,
): tf.Tensor {
  const seeds = new Int32Array(2 * size);
  rows.forEach(({ seed: [a, b] }, i) => seeds.set([a, b + offset], 2 * i));
  return tf.tensor2d(seeds, [size, 2]);
}
