/** The attacked images of the worst restart so far, for those who try them elsewhere. */
import type { ResidentData } from '../data/resident.js';
import type { Outcomes } from './outcomes.js';

export interface KeptImages {
  /** [count · size] */
  readonly pixels: Float32Array;
  /** Of a batch that begins at image `from`: those places of it, from [batch · size]. */
  take(from: number, places: readonly number[], batch: Float32Array): void;
}

export function createKept({ count, shape }: Pick<ResidentData, 'count' | 'shape'>): KeptImages {
  const size = shape[0] * shape[1] * shape[2];
  const pixels = new Float32Array(count * size);
  return {
    pixels,
    take(from, places, batch) {
      for (const i of places) {
        pixels.set(batch.subarray(i * size, (i + 1) * size), (from + i) * size);
      }
    },
  };
}

/** Places of a batch whose outcome is a new one; where it is the same, so is the worth of the image. */
export function changed(
  before: Outcomes,
  from: number,
  count: number,
  nll: Float32Array,
  wrong: Float32Array,
): readonly number[] {
  return Array.from({ length: count }, (_, i) => i).filter(
    (i) => nll[i] !== before.nll[from + i] || wrong[i] !== before.wrong[from + i],
  );
}
