/** The adversarial examples of the worst outcomes so far, kept as pixels. */
import type { ResidentData } from '../../data/resident.js';

/** Adversarial examples that are overwritten by worse ones. */
export interface KeptImages {
  /** [count · size], in [0,1]. */
  readonly pixels: Float32Array;
  /** Keeps image `place` of a batch [batch · size] as that of image `image`. */
  keep(image: number, place: number, batch: Float32Array): void;
}

/** Starts with `initial` [count · size], which it writes to; absent: zeros. */
export function createKeptImages(
  { count, shape }: Pick<ResidentData, 'count' | 'shape'>,
  initial?: Float32Array,
): KeptImages {
  const size = shape[0] * shape[1] * shape[2];
  const pixels = initial ?? new Float32Array(count * size);
  return {
    pixels,
    keep(image, place, batch) {
      pixels.set(batch.subarray(place * size, (place + 1) * size), image * size);
    },
  };
}
