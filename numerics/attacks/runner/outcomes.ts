/** Per-image outcomes of an attack: the worst adversarial example found so far for each image. */

/** Measured of each adversarial example. */
export const outcomeFields = ['nll', 'wrong', 'predicted', 'distance'] as const;

/** nll: cross-entropy, nats; wrong: 1 if misclassified, else 0; predicted: class; distance: ||x' - x|| in the attack's norm. */
export type Outcome<T = number> = Readonly<Record<(typeof outcomeFields)[number], T>>;

/** Of `count` images; `pass` says which pass (or restart) made each outcome, −1 the image as it is. */
export type Outcomes = Outcome<Float32Array> & { readonly pass: Float32Array };

/** Predictions at the unperturbed images: cross-entropy (nats) and class of each. */
export interface CleanPredictions {
  readonly nll: Float32Array;
  readonly predicted: Float32Array;
}

/** The identity of the worst-case merge: every outcome is worse. */
export function initialOutcomes(count: number): Outcomes {
  const filled = (value: number): Float32Array => new Float32Array(count).fill(value);
  return {
    ...{ nll: filled(-Infinity), wrong: filled(0), predicted: filled(-1) },
    ...{ distance: filled(0), pass: filled(-1) },
  };
}

/** Outcomes of the images themselves, for attacks that may leave an image as it is. */
export function cleanOutcomes({ nll, predicted }: CleanPredictions, wrong: Float32Array): Outcomes {
  const { distance, pass } = initialOutcomes(nll.length);
  return { nll: nll.slice(), wrong: wrong.slice(), predicted: predicted.slice(), distance, pass };
}

/**
 * Of two outcomes of an image, misclassified is worse than not, then the higher loss is. One that is not
 * a number replaces what was there, so that it shows. Returns whether it replaced it.
 */
export function keepWorse(images: Outcomes, i: number, found: Outcome, pass: number): boolean {
  const higher = !(found.nll <= images.nll[i]!);
  const replaces = found.wrong > images.wrong[i]! || (found.wrong === images.wrong[i]! && higher);
  if (!replaces) return false;
  for (const field of outcomeFields) images[field][i] = found[field];
  images.pass[i] = pass;
  return true;
}

/** Indices of the images that are still classified correctly. */
export function standing({ wrong }: Pick<Outcomes, 'wrong'>): Int32Array {
  return Int32Array.from([...wrong.keys()].filter((i) => wrong[i] === 0));
}

/** Arithmetic mean. */
export function mean(values: Float32Array): number {
  return values.reduce((sum: number, value) => sum + value, 0) / values.length;
}
