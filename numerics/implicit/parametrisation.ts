/**
 * The coupling matrix of an implicit layer from free parameters, so that it is well-posed whatever their values are
 * (NEMON: Jafarpour, Davydov, Proskurnikov and Bullo 2021): with D = diag(e^η),
 * A = m I + D⁻¹ M D - diag(|M| 1) - diag(a²), of which D A D⁻¹ has the matrix measure μ_∞ ≤ m < 1.
 */
import * as tf from '@tensorflow/tfjs';

/** Free parameters of the coupling of n units. */
export interface CouplingParameters {
  /** M [n, n]; row i acts on unit i. */
  readonly coupling: tf.Tensor;
  /** η [n]: the norm is max_i e^η_i |x_i|. */
  readonly scaling: tf.Tensor;
  /** a [n]; only its square counts. */
  readonly damping: tf.Tensor;
}

/** A [n, n] of the free parameters, for a bound m < 1 of its measure. */
export function couplingMatrix(
  { coupling, scaling, damping }: CouplingParameters,
  m: number,
): tf.Tensor {
  const d = tf.exp(scaling);
  const n = d.size;
  const scaled = tf.div(tf.mul(coupling, tf.reshape(d, [1, n])), tf.reshape(d, [n, 1]));
  const diagonal = tf.sub(tf.sub(m, rowSums(absolute(coupling))), tf.square(damping));
  return tf.add(scaled, tf.mul(tf.eye(n), tf.reshape(diagonal, [n, 1])));
}

/**
 * The matrix measure of A [n, n] in the norm max_i d_i |x_i|, with d [n] > 0:
 * μ = max_i (A_ii + Σ_{j ≠ i} |A_ij| d_i / d_j), a scalar.
 */
export function matrixMeasure(matrix: tf.Tensor, d: tf.Tensor): tf.Tensor {
  const n = d.size;
  const scaled = tf.div(tf.mul(matrix, tf.reshape(d, [n, 1])), tf.reshape(d, [1, n]));
  const own = diagonalOf(matrix);
  const others = tf.sub(rowSums(tf.abs(scaled)), tf.abs(own));
  return tf.max(tf.add(own, others));
}

/** The diagonal [n] of a matrix [n, n]. */
export function diagonalOf(matrix: tf.Tensor): tf.Tensor {
  return rowSums(tf.mul(matrix, tf.eye(matrix.shape[0])));
}

/** |x| with the gradient sign(x), 0 at 0. */
export function absolute(x: tf.Tensor): tf.Tensor {
  return tf.mul(x, tf.sign(x));
}

function rowSums(matrix: tf.Tensor): tf.Tensor {
  return tf.sum(matrix, 1);
}
