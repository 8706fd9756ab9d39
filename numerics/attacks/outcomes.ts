/** What attacks left of each image: its loss, and whether it is misclassified. */

export interface Outcomes {
  /** Cross-entropy, nats. */
  readonly nll: Float32Array;
  /** 1 if misclassified, else 0. */
  readonly wrong: Float32Array;
}

/** What every outcome is worse than. */
export function harmless(count: number): Outcomes {
  return { nll: new Float32Array(count).fill(-Infinity), wrong: new Float32Array(count) };
}

/**
 * Of two outcomes of an image, misclassified is worse than not, then the higher loss is. One that is not
 * a number replaces what was there, so that it shows.
 */
export function keepWorse(images: Outcomes, i: number, nll: number, wrong: number): void {
  const higher = !(nll <= images.nll[i]!);
  const replaces = wrong > images.wrong[i]! || (wrong === images.wrong[i]! && higher);
  if (!replaces) return;
  images.nll[i] = nll;
  images.wrong[i] = wrong;
}

/** Numbers of the images that are still classified as they should be. */
export function standing({ wrong }: Outcomes): Int32Array {
  return Int32Array.from([...wrong.keys()].filter((i) => wrong[i] === 0));
}

export function mean(values: Float32Array): number {
  return values.reduce((sum: number, value) => sum + value, 0) / values.length;
}
