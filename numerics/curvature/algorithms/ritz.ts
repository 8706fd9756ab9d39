/** Eigenvalues and residuals that a Lanczos tridiagonal holds: its Ritz pairs (Parlett 1998, 13.2). */
import { tridiagonalEigenvalues } from './tridiagonal.js';
import { axpy } from './vectors.js';

/** T = Q^T A Q after some steps: diagonal alphas [k], off-diagonal betas [k], the last one leaving Q. */
export interface Tridiagonal {
  readonly alphas: readonly number[];
  readonly betas: readonly number[];
  /** Columns of Q, k of [size], orthonormal. */
  readonly basis: readonly Float64Array[];
  /** Steps, ascending, after which A left nothing new: T falls into the blocks between them. */
  readonly exhausted: readonly number[];
}

/** An eigenvalue θ of T, which approximates one of A, with its residual. */
export interface RitzValue {
  readonly eigenvalue: number;
  /** |β_k s_k| = ||A y - θ y||, which also bounds the error of the eigenvalue; s [k] is the unit eigenvector of T. */
  readonly residual: number;
  /** |s_1|: the share of the start vector, and 0 for a value of a later block. */
  readonly first: number;
  /** Number of the block of T, from 0, that it is a value of. */
  readonly space: number;
  /** Its place, from 0, among the values of that block as they are computed. */
  readonly place: number;
}

/** All of T = S Θ S^T, block by block, in descending order, without S but for the entries that are asked for. */
export function ritzValues(t: Tridiagonal): RitzValue[] {
  return blocks(t)
    .flatMap((block, space) => blockValues(t, block, space))
    .sort((a, b) => b.eigenvalue - a.eigenvalue);
}

interface Block {
  readonly from: number;
  readonly end: number;
}

function blocks({ alphas, exhausted }: Tridiagonal): Block[] {
  const ends = [...exhausted.filter((end) => end < alphas.length), alphas.length];
  return ends.map((end, space) => ({ from: space === 0 ? 0 : ends[space - 1]!, end }));
}

function blockValues(t: Tridiagonal, block: Block, space: number): RitzValue[] {
  const size = block.end - block.from;
  const [first, last] = [unitRow(size, 0), unitRow(size, size - 1)];
  const beta = t.betas[block.end - 1]!;
  return Array.from(decompose(t, block, [first, last]), (eigenvalue, place) => ({
    eigenvalue,
    residual: Math.abs(beta * last[place]!),
    first: space === 0 ? Math.abs(first[place]!) : 0,
    space,
    place,
  }));
}

function decompose(
  { alphas, betas }: Tridiagonal,
  { from, end }: Block,
  rows: readonly Float64Array[],
): Float64Array {
  return tridiagonalEigenvalues(alphas.slice(from, end), betas.slice(from, end - 1), rows);
}

function unitRow(size: number, i: number): Float64Array {
  return new Float64Array(size).fill(1, i, i + 1);
}

/** Q s [size], of unit length; its sign means nothing. */
export function ritzVector(t: Tridiagonal, { space, place }: RitzValue): Float64Array {
  const block = blocks(t)[space]!;
  const size = block.end - block.from;
  const rows = Array.from({ length: size }, (_, i) => unitRow(size, i));
  decompose(t, block, rows);
  const vector = new Float64Array(t.basis[0]!.length);
  rows.forEach((row, i) => axpy(row[place]!, t.basis[block.from + i]!, vector));
  return vector;
}
