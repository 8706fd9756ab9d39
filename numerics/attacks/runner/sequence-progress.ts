/** All that a sequence of attacks carries from one pass to the next; it grows as images are attacked. */
import type { Found } from './compile-procedure.js';
import { keepWorse, type CleanPredictions, type Outcomes } from './outcomes.js';

/** One pass over the images with one procedure. */
export interface Pass {
  /** Which of the procedures. */
  readonly procedure: string;
  /** Of the class to aim at among the others, 1 the most likely. */
  readonly rank: number;
  /** Whether it starts at random, for a procedure that may start at the images. */
  readonly random: boolean;
  /** Over all images, or over those that nothing has fooled so far. */
  readonly over: 'all' | 'standing';
  /** Makes no use of gradients. */
  readonly blackBox?: true;
  /** Only asks what it would find: its outcomes do not count. */
  readonly check?: true;
}

export interface SequenceProgress {
  /** That are over. */
  passes: number;
  readonly cleanNll: number;
  readonly cleanError: number;
  readonly zeroGradient: number;
  readonly random: number;
  readonly clean: CleanPredictions;
  /** The worst outcome of each image. */
  readonly images: Outcomes;
  /** Of each image, 1 if some pass had it taken for the class aimed at, 0 if none had, −1 if none tried. */
  readonly hits: Float32Array;
  /** Images whose loss fell, of those seen by passes that can say so, once for each pass. */
  fell: number;
  seen: number;
  /** Images that a black-box pass fooled after all others; null: there was none. */
  gained: number | null;
}

type Begun = Omit<SequenceProgress, 'passes' | 'hits' | 'fell' | 'seen' | 'gained'>;

export function fresh(begun: Begun): SequenceProgress {
  const hits = new Float32Array(begun.images.nll.length).fill(-1);
  return { passes: 0, ...begun, hits, fell: 0, seen: 0, gained: null };
}

/** Returns whether it is the worst outcome of its image so far. */
export function apply(progress: SequenceProgress, pass: Pass, found: Found): boolean {
  const { image, outcome, hit, fell } = found;
  const { images } = progress;
  if (progress.gained !== null && outcome.wrong > images.wrong[image]!) progress.gained += 1;
  if (pass.check) return false;
  if (hit !== null) progress.hits[image] = Math.max(progress.hits[image]!, hit ? 1 : 0);
  if (fell !== null) progress.seen += 1;
  if (fell) progress.fell += 1;
  return keepWorse(images, image, outcome, progress.passes);
}
