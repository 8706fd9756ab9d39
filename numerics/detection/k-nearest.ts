/** Mean distance to the k nearest references (Jha et al. 2018, section III). */
import * as tf from '@tensorflow/tfjs';
import { quotient } from '../graph/per-image.js';
import type { Detector } from './detector.js';
import { createNeighbourSearch, type NeighbourNorm } from './nearest.js';

/** Settings of the mean distance. */
export interface NearestSettings {
  /** Number of neighbours, at most as many as there are references. */
  readonly k: number;
  /** Norm of the distances, by which neighbours are found as well. */
  readonly norm: NeighbourNorm;
}

/**
 * d(x) = (1/k) Σ_j ‖x - r_j‖ over the k nearest of the references [m, d], in the unit of the space. The distances are
 * computed from differences, so that that of equal points is 0 exactly.
 */
export function nearestDetector(references: tf.Tensor2D, settings: NearestSettings): Detector {
  const { k, norm } = settings;
  const search = createNeighbourSearch(references, norm);
  const differences = (points: tf.Tensor2D): tf.Tensor3D =>
    tf.sub(tf.expandDims(points, 1), search.nearest(points, k));
  return {
    distances: (points) => tf.tidy(() => tf.mean(lengths(differences(points), norm), 1)),
    gradients: (points) => tf.tidy(() => tf.mean(directions(differences(points), norm), 1)),
    dispose: () => search.dispose(),
  };
}

/** Lengths [n, k] of differences [n, k, d]. */
function lengths(differences: tf.Tensor3D, norm: NeighbourNorm): tf.Tensor2D {
  return norm === 'linf'
    ? tf.max(tf.abs(differences), 2)
    : tf.sqrt(tf.sum<tf.Tensor2D>(tf.square(differences), 2));
}

/** Gradients of the lengths, [n, k, d]; of a maximum, that of the first entry that reaches it. */
function directions(differences: tf.Tensor3D, norm: NeighbourNorm): tf.Tensor3D {
  if (norm === 'l2') {
    return quotient(differences, tf.expandDims(lengths(differences, norm), 2)) as tf.Tensor3D;
  }
  const first = tf.oneHot(tf.argMax(tf.abs(differences), 2).toInt(), differences.shape[2]);
  return tf.mul(tf.sign(differences), tf.cast(first, 'float32'));
}
