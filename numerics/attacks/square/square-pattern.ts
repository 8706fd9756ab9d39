/** The bump with a sign change by which the l2 Square Attack changes a window (Andriushchenko et al. 2020, section 3.4). */

/** `side` × `side` values in a corner of height × width, row-major, of Euclidean length 1. */
export function bump(side: number, height: number, width: number): Float32Array {
  const above = Math.floor(side / 2);
  const pattern = new Float32Array(height * width);
  const put = (rows: number, from: number, sign: number): void => {
    const half = pyramid(rows, side);
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < side; c++) pattern[(from + r) * width + c] = sign * half[r * side + c]!;
    }
  };
  put(above, 0, 1);
  put(side - above, above, -1);
  return normalised(pattern);
}

/** Σ_k 1 / (k + 1)² over growing rectangles around the middle, of length 1. */
function pyramid(rows: number, columns: number): Float32Array {
  const values = new Float32Array(rows * columns);
  const [middleRow, middleColumn] = [Math.floor(rows / 2), Math.floor(columns / 2)];
  for (let k = 0; k <= Math.max(middleRow, middleColumn); k++) {
    const [top, left] = [Math.max(middleRow - k, 0), Math.max(middleColumn - k, 0)];
    for (let r = top; r < Math.min(middleRow + k + 1, rows); r++) {
      for (let c = left; c < Math.min(middleColumn + k + 1, columns); c++) {
        values[r * columns + c]! += 1 / (k + 1) ** 2;
      }
    }
  }
  return normalised(values);
}

function normalised(values: Float32Array): Float32Array {
  const length = Math.hypot(...values);
  return length > 0 ? values.map((value) => value / length) : values;
}
