/** Inputs of the checked operations, by formula, so that whoever makes the expected values has the same. */

const prime = 131_071;

/**
 * Multiples of 2^-16 in [-1, 1): float32 holds their 17 bits exactly, TF32 rounds them to 11, so that its use shows.
 * x_i = ((17 i^2 + 40503 i + 9973 s) mod 131071 - 65535) / 65536 for stream s.
 */
export function checkInput(count: number, stream: number): Float32Array {
  return Float32Array.from(
    { length: count },
    (_, i) => (((17 * i * i + 40_503 * i + 9_973 * stream) % prime) - 65_535) / 65_536,
  );
}

/** Labels [count, classes]: row i has a one at i mod classes. */
export function checkLabels(count: number, classes: number): Float32Array {
  return Float32Array.from({ length: count * classes }, (_, at) =>
    Math.floor(at / classes) % classes === at % classes ? 1 : 0,
  );
}
