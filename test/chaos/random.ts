/** Everything that a schedule leaves to chance, drawn from its seed. */
import { createHash } from 'node:crypto';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

export interface Dice {
  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number;
  one<T>(of: readonly T[]): T;
  /** True with this probability. */
  chance(share: number): boolean;
}

export function diceOf(seed: number): Dice {
  // Neighbours among the seeds would begin alike.
  const generator = xoroshiro128plus(
    createHash('sha256').update(String(seed)).digest().readInt32LE(),
  );
  const between = (least: number, most: number): number => uniformInt(generator, least, most);
  return {
    between,
    one: (of) => of[between(0, of.length - 1)]!,
    chance: (share) => between(0, 999) < share * 1000,
  };
}
