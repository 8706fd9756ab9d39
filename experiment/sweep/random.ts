/** Draws of a random sweep: each axis has a stream of its own, so that no other axis can change it. */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { valueIdentity } from './identity.js';
import { plainText } from './labels.js';
import type { AxisValues } from './schema.js';
import { checkEnds } from './values.js';

/** The first n of a sequence that seed and axis decide. */
export function draws(
  values: AxisValues,
  { n, seed, axis }: { readonly n: number; readonly seed: number; readonly axis: string },
  at: readonly PropertyKey[],
): readonly unknown[] {
  const generator = xoroshiro128plus((seed ^ hash(axis)) | 0);
  // The first outputs of a small seed are close to each other.
  for (let i = 0; i < 8; i++) generator.next();
  const draw = drawer(values, at);
  return Array.from({ length: n }, () => draw(generator));
}

function drawer(
  values: AxisValues,
  at: readonly PropertyKey[],
): (generator: RandomGenerator) => unknown {
  if (Array.isArray(values)) {
    const sorted = values
      .map((value) => [plainText(value), valueIdentity(value), value] as const)
      .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
      .map(([, , value]) => value);
    return (g) => sorted[uniformInt(g, 0, sorted.length - 1)];
  }
  if ('int' in values) {
    const [from, to] = ordered(values.int, at);
    return (g) => uniformInt(g, from, to);
  }
  if ('uniform' in values) {
    const [from, to] = ordered(values.uniform, at);
    return (g) => rounded(from + (to - from) * uniformFloat64(g));
  }
  const [from, to] = ordered(values.logUniform, at);
  return (g) => rounded(from * (to / from) ** uniformFloat64(g));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function ordered(ends: readonly [number, number], at: readonly PropertyKey[]) {
  checkEnds(...ends, at);
  return ends;
}

/** Six digits: what a person reads in the name of a run is what the run was given. */
function rounded(value: number): number {
  return Number(value.toPrecision(6));
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  }
  return state;
}
