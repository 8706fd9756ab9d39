/** Passes whose rows are carried out together, so that rows of the next pass fill the last batch of one. */
import { opSeed } from '../../random.js';
import type { Attack } from '../procedure/attack.js';
import { notYetMisclassified, type Outcomes } from './outcomes.js';
import type { Row } from './rows.js';

/** A group has no more batches than this, unless one pass has: what a stopped attack repeats is bounded by it. */
const mostBatches = 8;

/**
 * How many passes from `first` on are carried out together: of the same procedure on the `left` images not yet
 * misclassified, so many that a pass costs the fewest batches. An image that a pass fools is left out of the
 * later ones, also where these have begun: outcomes are those of one pass after the other.
 */
export function groupLength(
  passes: Attack['passes'],
  first: number,
  left: number,
  size: number,
): number {
  const next = passes[first]!;
  const alike = passes.slice(first).findIndex((pass) => {
    const same = pass.procedure === next.procedure && pass.over === next.over;
    return !same || pass.over === 'all' || pass.blackBox || pass.check;
  });
  const most = Math.max(alike === -1 ? passes.length - first : alike, 1);
  let [best, cost] = [1, Infinity];
  for (let k = 1; k <= most; k++) {
    const batches = Math.ceil((k * left) / size);
    if (k > 1 && batches > mostBatches) break;
    if (batches / k < cost) [best, cost] = [k, batches / k];
  }
  return left === 0 ? most : best;
}

/** Rows of so many passes from `first` on, pass by pass, of the images over which each goes. */
export function passRows(
  { passes, seed }: Attack,
  first: number,
  count: number,
  worst: Pick<Outcomes, 'wrong'>,
): readonly Row[] {
  const images =
    passes[first]!.over === 'all' ? [...worst.wrong.keys()] : [...notYetMisclassified(worst)];
  return passes.slice(first, first + count).flatMap(({ rank, random }, i) => {
    const pass = first + i;
    // Of image and pass alone: every t is attacked from the same points, in batches of any size.
    return images.map((image) => ({
      ...{ image, pass, rank, random },
      seed: opSeed(seed, `attack-pass-${pass}`, image),
    }));
  });
}
