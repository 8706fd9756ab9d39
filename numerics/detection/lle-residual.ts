/** The residual of locally linear embedding: how badly neighbours reconstruct a point (Roweis and Saul 2000). */
import * as tf from '@tensorflow/tfjs';
import { select } from '../graph/per-image.js';
import { residualDetector, type Detector } from './detector.js';
import { solve } from './linear-algebra.js';
import { createNeighbourSearch } from './nearest.js';

/** Settings of the reconstruction. */
export interface LleSettings {
  /** Number of neighbours in ℓ2, at most as many as there are references. */
  readonly k: number;
  /** Added to the diagonal of the Gram matrix, as a share of its trace. */
  readonly regulariser: number;
}

/** ‖x - Σ_j w_j r_j‖ over the k nearest of the references [m, d], with the weights of `reconstructionWeights`. */
export function lleDetector(references: tf.Tensor2D, { k, regulariser }: LleSettings): Detector {
  const search = createNeighbourSearch(references, 'l2');
  return residualDetector(
    (points) => {
      const neighbours = search.nearest(points, k);
      const weights = reconstructionWeights(points, neighbours, regulariser);
      // Σ w = 1: the residual is a sum of differences, which keeps its digits near the manifold.
      const differences = tf.sub(tf.expandDims(points, 1), neighbours);
      return tf.sum<tf.Tensor2D>(tf.mul(differences, tf.expandDims(weights, 2)), 1);
    },
    () => search.dispose(),
  );
}

/**
 * The weights [n, k], Σ_j w_j = 1, that minimise ‖x - Σ_j w_j r_j‖² + ρ ‖w‖² for points x [n, d] and their neighbours r
 * [n, k, d]: (G + ρ I) w ∝ 1, with the Gram matrix G of the differences x - r_j and ρ = `regulariser` · tr G.
 */
export function reconstructionWeights(
  points: tf.Tensor2D,
  neighbours: tf.Tensor3D,
  regulariser: number,
): tf.Tensor2D {
  return tf.tidy(() => {
    const [n, k] = neighbours.shape;
    const differences = tf.sub(tf.expandDims(points, 1), neighbours);
    // In units of the trace, so that the solution does not depend on the scale of the space.
    const trace = tf.sum(tf.square(differences), [1, 2], true);
    const some = tf.greater(trace, 0);
    const gram = tf.div(
      tf.matMul(differences, differences, false, true),
      select(some, trace, tf.scalar(1)),
    );
    const ridge = tf.mul(tf.eye(k), regulariser);
    const weights = solve(tf.add(gram, ridge), tf.ones([n, k, 1]));
    return tf.div(weights, tf.sum(weights, 1, true)).reshape<tf.Tensor2D>([n, k]);
  });
}
