/** Linear functions of images, and sums of plain numbers in float64 to check them with. */
import { normals, stream } from '../../../numerics/random.js';

const clip = (x: number) => Math.min(Math.max(x, 0), 1);
export const sum = (x: readonly number[]) => x.reduce((total, value) => total + value, 0);
export const dot = (a: readonly number[], b: readonly number[]) =>
  sum(a.map((value, i) => value * b[i]!));

/** Pixels of which a third is at a bound, and weights of very different sizes. */
export function cases(count: number, pixels: number) {
  const generator = stream(7, 'shuffle', pixels);
  return Array.from({ length: count }, () => ({
    x: Array.from(normals(generator, pixels), (v) => Math.fround(clip(0.5 + v))),
    w: Array.from(normals(generator, pixels), (v) => Math.fround(v ** 3)),
  }));
}
