/** Distance to the affine subspace of the leading principal components of a point's neighbours. */
import * as tf from '@tensorflow/tfjs';
import { residualDetector, type Detector } from './detector.js';
import { select } from '../graph/per-image.js';
import { symmetricEigensystem } from './linear-algebra.js';
import { createNeighbourSearch } from './nearest.js';

/** Settings of the local subspaces. */
export interface LocalPcaSettings {
  /** Number of neighbours in ℓ2, at most as many as there are references. */
  readonly k: number;
  /** Dimension of the subspace, below k. */
  readonly components: number;
}

/**
 * ‖(I - P)(x - mean)‖, mean and projection P those of the k nearest of the references [m, d]; the point itself is not among
 * them. Throws where k neighbours cannot have so many components.
 */
export function localPcaDetector(references: tf.Tensor2D, settings: LocalPcaSettings): Detector {
  const { k, components } = settings;
  if (components >= k) throw new Error(`${components} components of ${k} neighbours`);
  const search = createNeighbourSearch(references, 'l2');
  return residualDetector(
    (points) => localResidual(points, search.nearest(points, k), components),
    () => search.dispose(),
  );
}

/** Below this share of the largest, an eigenvalue is the rounding of 0, and its component no direction. */
const negligible = 1e-6;

/** Residuals [n, d] of points [n, d] in the subspaces of their neighbours [n, k, d]. */
function localResidual(
  points: tf.Tensor2D,
  neighbours: tf.Tensor3D,
  components: number,
): tf.Tensor2D {
  const [n, k] = neighbours.shape;
  const mean = tf.mean(neighbours, 1, true);
  const centred = tf.sub(neighbours, mean);
  const rest = tf.sub(tf.expandDims(points, 1), mean);
  // The Gram matrix [k, k] has the eigenvalues of the covariance [d, d], and is small.
  const { values, vectors } = symmetricEigensystem(tf.matMul(centred, centred, false, true));
  const leading = tf.slice(vectors, [0, 0, k - components], [n, k, components]);
  const variances = tf.slice(values, [0, k - components], [n, components]);
  const largest = tf.slice(values, [0, k - 1], [n, 1]);
  const isDirection = tf.greater(variances, tf.mul(largest, negligible));
  const scales = select(
    isDirection,
    tf.rsqrt(select(isDirection, variances, tf.scalar(1))),
    tf.scalar(0),
  );
  // Rows: orthonormal directions [n, components, d].
  const basis = tf.matMul(tf.mul(leading, tf.expandDims(scales, 1)), centred, true);
  const coordinates = tf.matMul(rest, basis, false, true);
  return tf.sub(rest, tf.matMul(coordinates, basis)).reshape<tf.Tensor2D>(points.shape);
}
