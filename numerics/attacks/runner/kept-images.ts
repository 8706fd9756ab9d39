/** The adversarial examples of the worst outcomes so far, kept as pixels. */
import type { ResidentData } from '../../data/resident.js';
import type { Outcomes } from './outcomes.js';

export interface KeptImages {
  /** [count · size], in [0,1]. */
  readonly pixels: Float32Array;
  /** Keeps image `place` of a batch [batch · size] as that of image `image`. */
  take(image: number, place: number, batch: Float32Array): void;
}

/** Begins with `initial` [count · size], which it writes to; absent: zeros. */
export function createKept(
  { count, shape }: Pick<ResidentData, 'count' | 'shape'>,
  initial?: Float32Array,
): KeptImages {
  const size = shape[0] * shape[1] * shape[2];
  const pixels = initial ?? new Float32Array(count * size);
  return {
    pixels,
    take(image, place, batch) {
      pixels.set(batch.subarray(place * size, (place + 1) * size), image * size);
    },
  };
}

/** Places of a batch whose outcome is a new one; where it is the same, so is the worth of the image. */
export function changed(
  before: Pick<Outcomes, 'nll' | 'wrong'>,
  from: number,
  count: number,
  { nll, wrong }: Pick<Outcomes, 'nll' | 'wrong'>,
): readonly number[] {
  return Array.from({ length: count }, (_, i) => i).filter(
    (i) => nll[i] !== before.nll[from + i] || wrong[i] !== before.wrong[from + i],
  );
}
