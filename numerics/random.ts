/** Named random streams: every draw is decided by (seed, purpose, index), so no position is ever stored. */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/** Purpose of a random stream; streams of different purposes never share a draw. */
export type Purpose =
  | 'init'
  | 'shuffle'
  | 'curve-t'
  | 'step-noise'
  | 'statistics-noise'
  | 'attack-start'
  | `attack-pass-${number}`
  | 'lanczos-start'
  | `lanczos-restart-${number}`
  | 'mean-lanczos-start'
  | 'published-start'
  | 'test-cut'
  | 'poison'
  | 'probe'
  | 'density-probe'
  | 'bootstrap'
  | 'shapes32'
  | 'weight-noise'
  | 'injection-images'
  | 'injection-targets'
  | 'detection-references'
  | 'detection-noise'
  | 'detection-start'
  | 'two-layer'
  | 'sparsity-mask'
  | 'regrowth';

/** A generator of its own for this seed, purpose and index (an epoch, a step, a batch). */
export function stream(seed: number, purpose: Purpose, index: number): RandomGenerator {
  return xoroshiro128plus(hash(`${seed}/${purpose}/${index}`));
}

/** One number, uniform in [0, 1). */
export function uniform(seed: number, purpose: Purpose, index: number): number {
  return uniformFloat64(stream(seed, purpose, index));
}

/** Two int32 numbers for TensorFlow's stateless (counter-based) random ops. */
export function opSeed(seed: number, purpose: Purpose, index: number): readonly [number, number] {
  return [hash(`${seed}/${purpose}/${index}`), hash(`${purpose}/${index}/${seed}`)];
}

/** `count` standard normal numbers by the polar method of Marsaglia (1964). */
export function normals(generator: RandomGenerator, count: number): Float64Array {
  const values = new Float64Array(count);
  for (let i = 0; i < count;) {
    const u = 2 * uniformFloat64(generator) - 1;
    const v = 2 * uniformFloat64(generator) - 1;
    const square = u * u + v * v;
    if (square >= 1 || square === 0) continue;
    const scale = Math.sqrt((-2 * Math.log(square)) / square);
    values[i++] = u * scale;
    if (i < count) values[i++] = v * scale;
  }
  return values;
}

/** `count` numbers that are 1 or -1 with the same probability (Rademacher). */
export function signs(generator: RandomGenerator, count: number): Float64Array {
  return Float64Array.from({ length: count }, () => (uniformInt(generator, 0, 1) === 0 ? -1 : 1));
}

/** A permutation of 0 … count-1 by Fisher and Yates. */
export function permutation(generator: RandomGenerator, count: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = uniformInt(generator, 0, i);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** FNV-1a over UTF-16 code units with a final avalanche (MurmurHash3's), as int32. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}
