/** All that an attack carries from one pass to the next; it changes while images are attacked. */
import type { Pass } from '../procedure/attack.js';
import type { Found, PassScores } from './compiled-procedure.js';
import type { Inspection } from './clean-inspection.js';
import {
  cleanOutcomes,
  initialOutcomes,
  keepWorse,
  type CleanPredictions,
  type Outcomes,
} from './outcomes.js';

/** The state of an attack between two passes: plain data, which a checkpoint holds. */
export interface AttackProgress {
  /** Number of passes completed. */
  passes: number;
  readonly clean: CleanPredictions;
  /** The worst outcome of each image. */
  readonly images: Outcomes;
  /** From the inspection of the clean images; null: there was none. */
  readonly inspected: Inspected | null;
  /** As the graphs of the last pass add them up; null: they do not. */
  scores: PassScores | null;
  /** Per image: 1 if some pass had it classified as its target class, 0 if none had, −1 without a target. */
  readonly hits: Float32Array;
  /** Images whose loss fell, of `seen` images of passes that can tell, counted once per pass. */
  fell: number;
  seen: number;
  /** Images that a black-box pass fooled after all others; null: there was none. */
  gained: number | null;
}

type Inspected = Pick<Inspection, 'wrong' | 'zeroGradient' | 'random'>;

/** Progress before the first pass over `count` images. */
export function initialProgress(
  count: number,
  inspection: Inspection | null,
  countsCleanImages: boolean,
): AttackProgress {
  const { clean, wrong, stationarity, zeroGradient, random } = inspection ?? noInspection(count);
  const inspected = inspection && { wrong, zeroGradient, random };
  return {
    ...{ passes: 0, clean, inspected, scores: null },
    images: countsCleanImages
      ? cleanOutcomes({ ...clean, wrong, ...stationarity })
      : initialOutcomes(count),
    hits: new Float32Array(count).fill(-1),
    ...{ fell: 0, seen: 0, gained: null },
  };
}

/** Arrays for clean predictions that the first pass reports. */
function noInspection(count: number): Inspection {
  const zeros = (): Float32Array => new Float32Array(count);
  const clean = { nll: zeros(), predicted: zeros() };
  const stationarity = { fosc: zeros(), relativeFosc: zeros() };
  return { clean, wrong: zeros(), stationarity, pixels: null, zeroGradient: 0, random: 0 };
}

/** Records the result of a pass for one image; returns whether it is the image's worst outcome so far. */
export function record(progress: AttackProgress, pass: Pass, found: Found): boolean {
  const { outcome, clean, hit, fell } = found;
  const { image } = found.row;
  const { images } = progress;
  if (clean) {
    progress.clean.nll[image] = clean.nll;
    progress.clean.predicted[image] = clean.predicted;
  }
  if (progress.gained !== null && outcome.wrong > images.wrong[image]!) progress.gained += 1;
  if (pass.check) return false;
  if (hit !== null) progress.hits[image] = Math.max(progress.hits[image]!, hit ? 1 : 0);
  if (fell !== null) progress.seen += 1;
  if (fell) progress.fell += 1;
  return keepWorse(images, image, outcome, found.row.pass);
}
