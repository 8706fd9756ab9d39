/** Projection onto the coupling matrices that are well-posed: a convex set, row by row. */
import * as tf from '@tensorflow/tfjs';
import { diagonalOf } from './parametrisation.js';

/**
 * The nearest matrix to A [n, n] with μ_∞ ≤ m: in row i, A_ii - λ_i and the other entries moved towards 0 by λ_i, with
 * the least λ_i ≥ 0 for which A_ii + Σ_{j ≠ i} |A_ij| ≤ m. With s_k the sum of the k largest |A_ij|,
 * λ_i = max_k (A_ii - m + s_k) / (k + 1): Σ max(|A_ij| - λ, 0) is the largest of s_k - k λ.
 */
export function projectMeasure(matrix: tf.Tensor, m: number): tf.Tensor {
  const n = matrix.shape[0];
  const own = tf.eye(n);
  const diagonal = diagonalOf(matrix);
  const others = tf.mul(matrix, tf.sub(1, own));
  const { values } = tf.topk(tf.abs(others), n);
  const excess = tf.reshape(tf.sub(diagonal, m), [n, 1]);
  // The n-th of them is the diagonal's own place, 0, and decides nothing.
  const thresholds = tf.div(tf.add(tf.cumsum(values, 1), excess), tf.range(2, n + 2));
  const most = tf.maximum(tf.max(thresholds, 1, true), excess);
  const threshold = tf.maximum(most, 0);
  const kept = tf.maximum(tf.sub(tf.abs(others), threshold), 0);
  const moved = tf.mul(tf.sign(others), kept);
  // Rounding of the sums leaves none of it above m.
  const room = tf.sub(m, tf.sum(kept, 1, true));
  const down = tf.minimum(tf.sub(tf.reshape(diagonal, [n, 1]), threshold), room);
  return tf.add(moved, tf.mul(own, down));
}
