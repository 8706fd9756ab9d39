/**
 * The input Hessian of softmax cross-entropy for piecewise-linear networks (ReLU, max-pool):
 * H = J^T S J with J = ∂logits/∂x [classes, size] and S = diag(p) - p p^T, exact almost everywhere
 * because the second derivative of the network itself vanishes (Schraudolph 2002, section 3).
 */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { SymmetricOperator } from './operator.js';
import { axpy, dot } from './vectors.js';

/**
 * J by rows (one gradient per class, each [size]; a row that is the same for all may be missing from all)
 * and p [classes] of one image.
 */
export interface ImageJacobian {
  readonly rows: readonly Float64Array[];
  readonly probabilities: readonly number[];
}

/** v ↦ J^T S J v, never forming the matrix. */
export function gaussNewton({ rows, probabilities }: ImageJacobian): SymmetricOperator {
  return {
    size: rows[0]!.length,
    matvec(v) {
      const jv = rows.map((row) => dot(row, v));
      const mean = jv.reduce((sum, value, c) => sum + probabilities[c]! * value, 0);
      const product = new Float64Array(v.length);
      rows.forEach((row, c) => axpy(probabilities[c]! * (jv[c]! - mean), row, product));
      return product;
    },
  };
}

/**
 * All eigenvalues of J^T S J that can differ from 0, in descending order, without iteration: those
 * of L^T J J^T L [classes, classes], where S = L L^T with L = diag(√p) (I - √p √p^T).
 */
export function closedFormEigenvalues({ rows, probabilities }: ImageJacobian): number[] {
  const classes = rows.length;
  const root = probabilities.map(Math.sqrt);
  const gram = new Matrix(classes, classes);
  for (let a = 0; a < classes; a++) {
    for (let b = 0; b <= a; b++) {
      const product = dot(rows[a]!, rows[b]!);
      gram.set(a, b, product);
      gram.set(b, a, product);
    }
  }
  const unit = Matrix.columnVector(root);
  const projector = Matrix.sub(Matrix.eye(classes), unit.mmul(unit.transpose()));
  const factor = Matrix.diag(root).mmul(projector);
  const symmetric = factor.transpose().mmul(gram).mmul(factor);
  const { realEigenvalues } = new EigenvalueDecomposition(symmetric, { assumeSymmetric: true });
  return realEigenvalues.sort((a, b) => b - a);
}
