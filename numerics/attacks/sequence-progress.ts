/** All that a sequence of attacks carries from one pass to the next; it grows as images are attacked. */
import type { Found } from './compile-procedure.js';
import { keepWorse } from './outcomes.js';
import type { Pass } from './sequence.js';

export interface SequenceProgress {
  /** That are over. */
  passes: number;
  readonly cleanNll: number;
  readonly cleanError: number;
  readonly zeroGradient: number;
  readonly random: number;
  /** The worst outcome of each image. */
  readonly nll: Float32Array;
  readonly wrong: Float32Array;
  /** Of each image, 1 if some pass had it taken for the class aimed at, 0 if none had, −1 if none tried. */
  readonly hits: Float32Array;
  /** Images whose loss fell, of those seen by passes that can say so, once for each pass. */
  fell: number;
  seen: number;
  /** Images that a black-box pass fooled after all others; null: there was none. */
  gained: number | null;
}

type Begun = Pick<
  SequenceProgress,
  'cleanNll' | 'cleanError' | 'zeroGradient' | 'random' | 'nll' | 'wrong'
>;

export function fresh(begun: Begun): SequenceProgress {
  const hits = new Float32Array(begun.nll.length).fill(-1);
  return { passes: 0, ...begun, hits, fell: 0, seen: 0, gained: null };
}

export function apply(progress: SequenceProgress, pass: Pass, found: Found): void {
  const { image, nll, wrong, hit, fell } = found;
  if (progress.gained !== null && wrong > progress.wrong[image]!) progress.gained += 1;
  if (pass.check) return;
  keepWorse(progress, image, nll, wrong);
  if (hit !== null) progress.hits[image] = Math.max(progress.hits[image]!, hit ? 1 : 0);
  if (fell === null) return;
  progress.seen += 1;
  if (fell) progress.fell += 1;
}
