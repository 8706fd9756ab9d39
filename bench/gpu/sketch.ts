/**
 * Count sketches (Charikar, Chen, Farach-Colton 2002): every value is added, with a random sign, to one of a few
 * sums. The sketch is linear and keeps lengths: that of a difference of two vectors within sqrt(2 / sums) of itself,
 * so that a stored sketch of some kilobytes tells how far a vector of a hundred thousand values is from another.
 */
import { stream } from '../../numerics/random.js';

const seed = 1;

/** Each row of `values`, `length` values long, to `sums` values. */
export function sketchRows(values: ArrayLike<number>, length: number, sums: number): Float64Array {
  const { places, signs } = assignment(length, sums);
  const sketch = new Float64Array((values.length / length) * sums);
  for (let i = 0; i < values.length; i++) {
    const [row, column] = [Math.floor(i / length), i % length];
    sketch[row * sums + places[column]!]! += signs[column]! * values[i]!;
  }
  return sketch;
}

/** Where the values of a row go, and with which sign. */
function assignment(length: number, sums: number) {
  const generator = stream(seed, 'probe', length);
  const places = new Int32Array(length);
  const signs = new Int8Array(length);
  for (let i = 0; i < length; i++) {
    const bits = generator.next() >>> 0;
    places[i] = (bits >>> 1) % sums;
    signs[i] = (bits & 1) === 0 ? -1 : 1;
  }
  return { places, signs };
}
