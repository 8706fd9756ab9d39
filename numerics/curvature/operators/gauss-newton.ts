/**
 * The input Hessian of softmax cross-entropy for piecewise-linear networks (ReLU, max-pool):
 * H = J^T S J with J = ∂logits/∂x [classes, size] and S = diag(p) - p p^T, exact almost everywhere
 * because the second derivative of the network itself vanishes (Schraudolph 2002, section 3).
 */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { SymmetricOperator } from './operator.js';
import { axpy, dot } from '../algorithms/vectors.js';

/**
 * J by rows (one gradient per class, each [size]; a row that is the same for all may be missing from all)
 * and p [classes] of one image.
 */
export interface ImageJacobian {
  readonly rows: readonly Float64Array[];
  readonly probabilities: readonly number[];
}

/** The same with log p [classes], in nats, which is finite where p itself underflows to 0. */
export interface LoggedJacobian extends ImageJacobian {
  readonly logProbabilities: readonly number[];
}

/** v ↦ J^T S J v, never forming the matrix. */
export function gaussNewton({ rows, probabilities }: ImageJacobian): SymmetricOperator {
  return {
    size: rows[0]!.length,
    matvec(v) {
      const jv = rows.map((row) => dot(row, v));
      const mean = meanUnder(probabilities, jv);
      const product = new Float64Array(v.length);
      rows.forEach((row, c) => axpy(probabilities[c]! * (jv[c]! - mean), row, product));
      return product;
    },
  };
}

/**
 * All eigenvalues of J^T S J that can differ from 0, in descending order, without iteration: those
 * of D C D [classes, classes] with D = diag(√p) and C the inner products of the rows of J less
 * their mean under p. The same as of L^T J J^T L with S = L L^T, since L^T = D (I - 1 p^T).
 */
export function closedFormEigenvalues({ rows, probabilities }: ImageJacobian): number[] {
  const centred = centredProducts(rows, probabilities);
  const roots = probabilities.map(Math.sqrt);
  const symmetric = new Matrix(
    centred.map((row, a) => row.map((product, b) => roots[a]! * roots[b]! * product)),
  );
  const { realEigenvalues } = new EigenvalueDecomposition(symmetric, { assumeSymmetric: true });
  return realEigenvalues.sort((a, b) => b - a);
}

/**
 * <J_a - m, J_b - m> with m = Σ_c p_c J_c. The row of the likeliest class is taken out of all
 * first: where the network is sure, m is nearly that row, and the difference would lose its digits.
 */
function centredProducts(
  rows: readonly Float64Array[],
  probabilities: readonly number[],
): number[][] {
  const products = innerProducts(rows);
  const top = probabilities.indexOf(Math.max(...probabilities));
  const relative = products.map((row) =>
    row.map((ab, b) => ab - row[top]! - products[top]![b]! + products[top]![top]!),
  );
  const means = relative.map((row) => meanUnder(probabilities, row));
  const total = meanUnder(probabilities, means);
  return relative.map((row, a) => row.map((ab, b) => ab - means[a]! - means[b]! + total));
}

function meanUnder(probabilities: readonly number[], values: readonly number[]): number {
  return values.reduce((sum, value, c) => sum + probabilities[c]! * value, 0);
}

function innerProducts(rows: readonly Float64Array[]): number[][] {
  const products = rows.map(() => new Array<number>(rows.length));
  for (let a = 0; a < rows.length; a++) {
    for (let b = 0; b <= a; b++) {
      products[a]![b] = products[b]![a] = dot(rows[a]!, rows[b]!);
    }
  }
  return products;
}
