/** A detector of adversarial examples: how far points are from the manifold on which its references lie. */
import * as tf from '@tensorflow/tfjs';
import type { Pause } from '../evaluation/batched.js';
import { lengthEach, unit } from '../graph/per-image.js';

/** Distances to a manifold that was estimated from references; what lies further off is more suspicious. */
export interface Detector {
  /** Distance of each of the points [n, d], [n]; in the unit of the space, nats for a density. */
  distances(points: tf.Tensor2D): tf.Tensor1D;
  /**
   * Gradient of the distances in the points [n, d], of the same shape, with neighbours and their weights held fixed; zero
   * where a distance is zero.
   */
  gradients(points: tf.Tensor2D): tf.Tensor2D;
  dispose(): void;
}

/** Points as rows of one array. */
export interface Points {
  /** [n · d]. */
  readonly values: Float32Array;
  /** Entries of one point, d. */
  readonly dimension: number;
}

/** Points that are measured at once: their neighbours in the pixels of CIFAR-10 fill 80 MB. */
export const pointsAtOnce = 125;

/** Distances of all points, [n]; `pause` follows each part of them. */
export async function distancesTo(
  detector: Detector,
  { values, dimension }: Points,
  pause: Pause,
): Promise<Float32Array> {
  const count = values.length / dimension;
  const found = new Float32Array(count);
  for (let from = 0; from < count; from += pointsAtOnce) {
    const end = Math.min(from + pointsAtOnce, count);
    const part = values.subarray(from * dimension, end * dimension);
    const distances = tf.tidy(() => detector.distances(pointsTensor({ values: part, dimension })));
    found.set(distances.dataSync<'float32'>(), from);
    distances.dispose();
    await pause();
  }
  return found;
}

/** The points as a tensor [n, d], the caller's to dispose of. */
export function pointsTensor({ values, dimension }: Points): tf.Tensor2D {
  return tf.tensor2d(values, [values.length / dimension, dimension]);
}

/** A detector whose distance is the length of a residual; `residual` takes points [n, d] to [n, d]. */
export function residualDetector(
  residual: (points: tf.Tensor2D) => tf.Tensor2D,
  dispose: () => void,
): Detector {
  return {
    distances: (points) => tf.tidy(() => lengthEach(residual(points)) as tf.Tensor1D),
    gradients: (points) => tf.tidy(() => unit(residual(points)) as tf.Tensor2D),
    dispose,
  };
}
