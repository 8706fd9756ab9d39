/** The averaged iteration x ← (1 - α) x + α Φ(A x + v) for the fixed point of an implicit layer. */
import * as tf from '@tensorflow/tfjs';
import type { Activation } from './activation.js';
import { diagonalOf } from './parametrisation.js';

/** A fixed point that is sought: x = Φ(x Aᵀ + v) for each row of v. */
export interface FixedPoint {
  /** A [n, n]. */
  readonly matrix: tf.Tensor;
  /** v [batch, n]. */
  readonly offset: tf.Tensor;
  readonly activation: Activation;
  /** x Aᵀ in a cheaper form (default: the product itself). */
  readonly product?: (x: tf.Tensor) => tf.Tensor;
}

/**
 * α_i = 1 / (1 - min(A_ii, 0)), [n]: of the steps for which the iteration contracts in the norm of μ, the longest of
 * each unit. Row i then has the factor 1 - (1 - μ⁺) α_i at most (Jafarpour et al. 2022, theorem 1, unit by unit).
 */
export function stepSizes(matrix: tf.Tensor): tf.Tensor {
  return tf.div(1, tf.sub(1, tf.minimum(diagonalOf(matrix), 0)));
}

/** One application of the layer, N(x) = Φ(x Aᵀ + v), [batch, n]. */
export function applyOnce(problem: FixedPoint, x: tf.Tensor): tf.Tensor {
  const { matrix, offset, activation, product } = problem;
  const coupled = product ? product(x) : tf.matMul<tf.Tensor>(x, matrix, false, true);
  return activation.apply(tf.add(coupled, offset));
}

/** x [batch, n] after so many steps from 0; `each` sees every point on the way, the last one included. */
export function iterate(
  problem: FixedPoint,
  iterations: number,
  each: (x: tf.Tensor) => void = () => undefined,
): tf.Tensor {
  const steps = stepSizes(problem.matrix);
  let x: tf.Tensor = tf.zerosLike(problem.offset);
  for (let i = 0; i < iterations; i++) {
    x = tf.add(x, tf.mul(steps, tf.sub(applyOnce(problem, x), x)));
    each(x);
  }
  return x;
}

/** max_i d_i |x - N(x)|_i of each row, [batch]: how far x is from a fixed point, in the norm of d [n]. */
export function residuals(problem: FixedPoint, x: tf.Tensor, d: tf.Tensor): tf.Tensor {
  return tf.max(tf.mul(d, tf.abs(tf.sub(x, applyOnce(problem, x)))), 1);
}
