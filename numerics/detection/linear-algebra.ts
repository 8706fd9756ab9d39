/** Kernels of TensorFlow for dense matrices that tfjs has no name for. */
import type * as tf from '@tensorflow/tfjs';
import { attribute, nativeOp, nativeOps, typeAttribute } from '../graph/native.js';

/** Eigenvalues [..., n] of symmetric matrices [..., n, n], ascending, and unit eigenvectors as columns [..., n, n]. */
export interface Eigensystem {
  readonly values: tf.Tensor;
  readonly vectors: tf.Tensor;
}

/** The eigenvalues and eigenvectors of symmetric matrices [..., n, n]. */
export function symmetricEigensystem(matrices: tf.Tensor): Eigensystem {
  const attributes = [attribute('compute_v', 'TF_ATTR_BOOL', true), typeAttribute('T', 'TF_FLOAT')];
  const [values, vectors] = nativeOps('SelfAdjointEigV2', [matrices], 2, attributes);
  return { values: values!, vectors: vectors! };
}

/** x [..., n, m] with A x = b, for matrices A [..., n, n] and right-hand sides b [..., n, m]; throws where A is singular. */
export function solve(matrices: tf.Tensor, right: tf.Tensor): tf.Tensor {
  const attributes = [attribute('adjoint', 'TF_ATTR_BOOL', false), typeAttribute('T', 'TF_FLOAT')];
  return nativeOp('MatrixSolve', [matrices, right], attributes);
}
