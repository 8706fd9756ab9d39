/** Per-image outcomes of an attack: the worst adversarial example found so far for each image. */
import type { Scores } from '../procedure/model-under-attack.js';

/** Measurements of each adversarial example, in the order in which graphs report them. */
export const outcomeFields = [
  ...(['nll', 'wrong', 'predicted', 'distance'] as const),
  ...(['fosc', 'relativeFosc'] as const),
] as const;

/**
 * nll: cross-entropy, nats; wrong: 1 if misclassified, else 0; predicted: class; distance: ||x' - x|| in the attack's norm;
 * fosc, relativeFosc: how far from stationary (stationarity.ts).
 */
export type Outcome<T = number> = Readonly<Record<(typeof outcomeFields)[number], T>>;

/** Outcomes of `count` images, [count] each; `pass` is the index of the pass that made each outcome, −1 the clean image. */
export type Outcomes = Outcome<Float32Array> & { readonly pass: Float32Array };

/** Predictions at the clean images: cross-entropy (nats) and class, [count] each. */
export type CleanPredictions = Pick<Scores<Float32Array>, 'nll' | 'predicted'>;

/** The fields by name; further values are ignored. */
export function toOutcome<T>(values: readonly T[]): Outcome<T> {
  const [nll, wrong, predicted, distance, fosc, relativeFosc] = values;
  return {
    ...{ nll: nll!, wrong: wrong!, predicted: predicted!, distance: distance! },
    ...{ fosc: fosc!, relativeFosc: relativeFosc! },
  };
}

/** The identity of the worst-case merge: every outcome is worse. */
export function initialOutcomes(count: number): Outcomes {
  const filled = (value: number): Float32Array => new Float32Array(count).fill(value);
  return {
    ...{ nll: filled(-Infinity), wrong: filled(0), predicted: filled(-1) },
    ...{ distance: filled(0), fosc: filled(0), relativeFosc: filled(0), pass: filled(-1) },
  };
}

/** The clean images as outcomes, [count] each, for attacks that may leave an image as it is. */
export function cleanOutcomes(clean: Omit<Outcome<Float32Array>, 'distance'>): Outcomes {
  const { distance, pass } = initialOutcomes(clean.nll.length);
  const { nll, wrong, predicted, fosc, relativeFosc } = clean;
  const copied = { nll: nll.slice(), wrong: wrong.slice(), predicted: predicted.slice() };
  return { ...copied, distance, fosc: fosc.slice(), relativeFosc: relativeFosc.slice(), pass };
}

/**
 * Merges an outcome into those of image i: misclassified is worse than not, then the higher loss is. NaN replaces what was
 * there, so that it shows. Returns whether it replaced it.
 */
export function keepWorse(images: Outcomes, i: number, found: Outcome, pass: number): boolean {
  const higher = !(found.nll <= images.nll[i]!);
  const replaces = found.wrong > images.wrong[i]! || (found.wrong === images.wrong[i]! && higher);
  if (!replaces) return false;
  for (const field of outcomeFields) images[field][i] = found[field];
  images.pass[i] = pass;
  return true;
}

/** Indices of the images that some network still classifies correctly. */
export function notYetMisclassified({ wrong }: Pick<Outcomes, 'wrong'>): Int32Array {
  return Int32Array.from([...wrong.keys()].filter((i) => wrong[i]! < 1));
}
