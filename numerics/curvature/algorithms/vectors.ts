/** Vector arithmetic in float64. */

/** In four partial sums, none of which waits for another. */
export function dot(a: Float64Array, b: Float64Array): number {
  const whole = a.length - (a.length % 4);
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (let i = 0; i < whole; i += 4) {
    s0 += a[i]! * b[i]!;
    s1 += a[i + 1]! * b[i + 1]!;
    s2 += a[i + 2]! * b[i + 2]!;
    s3 += a[i + 3]! * b[i + 3]!;
  }
  for (let i = whole; i < a.length; i++) s0 += a[i]! * b[i]!;
  return s0 + s1 + (s2 + s3);
}

/** ||a||_2. */
export function norm(a: Float64Array): number {
  const square = dot(a, a);
  if (square > smallestNormal && square < Infinity) return Math.sqrt(square);
  // Squares of entries below 1e-154 and above 1e154 leave the range of float64; the norm does not.
  const most = a.reduce((found, value) => Math.max(found, Math.abs(value)), 0);
  if (most === 0 || !Number.isFinite(most)) return most;
  const shares = a.map((value) => value / most);
  return most * Math.sqrt(dot(shares, shares));
}

/** Below it float64 loses digits. */
const smallestNormal = 2 ** -1022;

/** y ← y + factor · x, in place. */
export function axpy(factor: number, x: Float64Array, y: Float64Array): void {
  for (let i = 0; i < y.length; i++) y[i]! += factor * x[i]!;
}

/** factor · x, [size], as a new vector. */
export function scaled(factor: number, x: Float64Array): Float64Array {
  const product = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) product[i] = factor * x[i]!;
  return product;
}

/** y ← factor · y, in place; returns y. */
export function rescale(factor: number, y: Float64Array): Float64Array {
  for (let i = 0; i < y.length; i++) y[i]! *= factor;
  return y;
}
