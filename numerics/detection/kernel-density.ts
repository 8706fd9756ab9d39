/** Density of the references by Gaussian kernels: an adversarial example is where it is low. */
import * as tf from '@tensorflow/tfjs';
import type { Detector } from './detector.js';

/** Bandwidth of the kernels, in the unit of the space, or the one of greatest likelihood. */
export interface DensitySettings {
  readonly bandwidth: number | 'likelihood';
}

/**
 * -log p(x) in nats, p(x) = (1/m) Σ_i N(x; r_i, h² I) over all references [m, d]. Its sign is that of a distance: high
 * where the density is low.
 */
export function densityDetector(references: tf.Tensor2D, { bandwidth }: DensitySettings): Detector {
  const [count, d] = references.shape;
  const h = bandwidth === 'likelihood' ? likelihoodBandwidth(references) : bandwidth;
  const kept = tf.clone(references);
  const constant = Math.log(count) + (d / 2) * Math.log(2 * Math.PI * h ** 2);
  const exponents = (points: tf.Tensor2D): tf.Tensor2D =>
    tf.div(squaredDistances(points, kept), -2 * h ** 2);
  return {
    distances: (points) =>
      tf.tidy(() => tf.sub<tf.Tensor1D>(constant, tf.logSumExp(exponents(points), 1))),
    gradients: (points) =>
      tf.tidy(() => {
        const mean = tf.matMul(tf.softmax(exponents(points)), kept);
        return tf.div(tf.sub(points, mean), h ** 2);
      }),
    dispose: () => kept.dispose(),
  };
}

/** References whose own density decides the bandwidth: the first of them, by all others. */
const mostJudged = 1000;
const mostSteps = 100;
const tolerance = 1e-4;

/**
 * The h that maximises the mean log-density of each reference by the others (Duin 1976). The steps are those of
 * expectation maximisation, h² ← mean_i Σ_j p_ij ‖r_i - r_j‖² / d with the shares p_ij of the kernels in the density at r_i:
 * none lowers the likelihood. Throws where the references are all equal.
 */
export function likelihoodBandwidth(references: tf.Tensor2D): number {
  const [count, d] = references.shape;
  const judged = Math.min(count, mostJudged);
  const squares = tf.tidy(() => {
    const some = tf.slice(references, [0, 0], [judged, d]);
    return squaredDistances(some, references);
  });
  // A reference is no evidence for itself.
  const itself = tf.tidy(() => {
    const own = tf.oneHot(tf.range(0, judged, 1, 'int32'), count);
    return tf.mul(tf.cast(own, 'float32'), -1e30);
  });
  let square = tf.tidy(() => tf.mean(squares).dataSync()[0]!) / d;
  try {
    for (let i = 0; i < mostSteps; i++) {
      if (!(square > 0)) throw new Error('references that are all equal have no bandwidth');
      const next = tf.tidy(() => {
        const shares = tf.softmax(tf.add(tf.div(squares, -2 * square), itself));
        return tf.sum(tf.mul(shares, squares)).dataSync()[0]! / (judged * d);
      });
      const settled = Math.abs(next - square) <= tolerance * square;
      square = next;
      if (settled) break;
    }
  } finally {
    tf.dispose([squares, itself]);
  }
  return Math.sqrt(square);
}

/** ‖x - r‖² of points [n, d] and references [m, d], [n, m]; rounding leaves none below 0. */
function squaredDistances(points: tf.Tensor2D, references: tf.Tensor2D): tf.Tensor2D {
  const products = tf.matMul(points, references, false, true);
  const own = tf.sum(tf.square(points), 1, true);
  const others = tf.sum(tf.square(references), 1).reshape([1, -1]);
  return tf.relu(tf.sub(tf.add(own, others), tf.mul(products, 2)));
}
