/** Eigenvalues of symmetric tridiagonal matrices, with no more of the eigenvectors than is asked for. */

/** QL steps per eigenvalue; two or three are usual, and more than 30 are a fault of the input. */
const maxSweeps = 60;

/**
 * All eigenvalues [k] of T with this diagonal [k] and off-diagonal [k - 1] (further entries are not read), in no
 * order, by implicit QL steps (Golub and Van Loan, "Matrix Computations", 8.3.3; EISPACK's imtql2). Each of `rows`
 * [k] is multiplied by the eigenvectors S in place: rows of the identity become rows of S, so that one entry of each
 * eigenvector costs O(k²) where all cost O(k³). Throws where T is not finite.
 */
export function tridiagonalEigenvalues(
  diagonal: readonly number[],
  offDiagonal: readonly number[],
  rows: readonly Float64Array[],
): Float64Array {
  const k = diagonal.length;
  // As multiples of the largest entry: squares of the entries themselves may leave the range of float64.
  const scale = largestEntry(diagonal, offDiagonal.slice(0, k - 1));
  const d = Float64Array.from(diagonal, (value) => value / scale);
  const e = Float64Array.from({ length: k }, (_, i) => (i + 1 < k ? offDiagonal[i]! / scale : 0));
  for (let l = 0; l < k; l++) {
    let sweeps = 0;
    for (let m = blockEnd(d, e, l); m !== l; m = blockEnd(d, e, l)) {
      if (sweeps++ === maxSweeps) throw new Error('a tridiagonal matrix has no eigenvalues');
      sweep({ d, e, rows }, l, m);
    }
  }
  return d.map((value) => value * scale);
}

/** The last index of the unreduced block that begins at l. */
function blockEnd(d: Float64Array, e: Float64Array, l: number): number {
  let m = l;
  while (m + 1 < d.length) {
    const size = Math.abs(d[m]!) + Math.abs(d[m + 1]!);
    if (Math.abs(e[m]!) <= Number.EPSILON * size) break;
    m++;
  }
  return m;
}

interface Work {
  readonly d: Float64Array;
  readonly e: Float64Array;
  readonly rows: readonly Float64Array[];
}

/** One QL step on the block l … m with Wilkinson's shift: rotations that chase the entry beside the diagonal up. */
function sweep({ d, e, rows }: Work, l: number, m: number): void {
  const slope = (d[l + 1]! - d[l]!) / (2 * e[l]!);
  const root = Math.sqrt(slope * slope + 1);
  let g = d[m]! - d[l]! + e[l]! / (slope + (slope < 0 ? -root : root));
  let [sine, cosine, shift] = [1, 1, 0];
  for (let i = m - 1; i >= l; i--) {
    const f = sine * e[i]!;
    const b = cosine * e[i]!;
    const r = Math.sqrt(f * f + g * g);
    e[i + 1] = r;
    if (r === 0) {
      // The block falls apart here.
      d[i + 1]! -= shift;
      e[m] = 0;
      return;
    }
    [sine, cosine] = [f / r, g / r];
    g = d[i + 1]! - shift;
    const moved = (d[i]! - g) * sine + 2 * cosine * b;
    shift = sine * moved;
    d[i + 1] = g + shift;
    g = cosine * moved - b;
    for (const row of rows) rotate(row, i, sine, cosine);
  }
  d[l]! -= shift;
  e[l] = g;
  e[m] = 0;
}

function rotate(row: Float64Array, i: number, sine: number, cosine: number): void {
  const [left, right] = [row[i]!, row[i + 1]!];
  row[i + 1] = sine * left + cosine * right;
  row[i] = cosine * left - sine * right;
}

function largestEntry(diagonal: readonly number[], offDiagonal: readonly number[]): number {
  let most = 0;
  for (const value of diagonal) most = Math.max(most, Math.abs(value));
  for (const value of offDiagonal) most = Math.max(most, Math.abs(value));
  if (!Number.isFinite(most)) throw new Error('a tridiagonal matrix is not finite');
  return most || 1;
}
