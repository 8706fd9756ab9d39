/**
 * The mixed-monotone embedded network (Jafarpour et al. 2022, eq. 3): bounds of the fixed point for all inputs in a box.
 * With ⌈A⌉ the entries of A that are on the diagonal or not negative and ⌊A⌋ the others,
 * x̲ = Φ(⌈A⌉ x̲ + ⌊A⌋ x̄ + v̲) and x̄ = Φ(⌈A⌉ x̄ + ⌊A⌋ x̲ + v̄), an implicit network of 2n units with the measure of A.
 */
import * as tf from '@tensorflow/tfjs';
import { absolute } from './parametrisation.js';

/** [[⌈A⌉, ⌊A⌋], [⌊A⌋, ⌈A⌉]] [2n, 2n], which acts on the lower bounds followed by the upper ones. */
export function embeddedMatrix(matrix: tf.Tensor): tf.Tensor {
  const { rising, falling } = parts(matrix);
  const [own, other] = [tf.concat([rising, falling], 1), tf.concat([falling, rising], 1)];
  return tf.concat([own, other], 0);
}

/**
 * The product of that matrix with bounds [batch, 2n] in two products of n x n: with centres c and radii r the bounds go
 * to A c ± (⌈A⌉ - ⌊A⌋) r.
 */
export function embeddedProduct(matrix: tf.Tensor): (bounds: tf.Tensor) => tf.Tensor {
  const { rising, falling } = parts(matrix);
  const spread = tf.sub(rising, falling);
  const n = matrix.shape[0];
  return (bounds) => {
    const [lower, upper] = [0, n].map((from) => tf.slice(bounds, [0, from], [-1, n]));
    const centre = tf.mul(tf.add(lower!, upper!), 0.5);
    const radius = tf.mul(tf.sub(upper!, lower!), 0.5);
    const middle = tf.matMul<tf.Tensor>(centre, matrix, false, true);
    const half = tf.matMul<tf.Tensor>(radius, spread, false, true);
    return tf.concat([tf.sub(middle, half), tf.add(middle, half)], 1);
  };
}

/** ⌈A⌉ and ⌊A⌋. */
function parts(matrix: tf.Tensor) {
  const others = tf.sub(1, tf.eye(matrix.shape[0]));
  // Half the difference to the magnitude: 0 or the entry itself, without rounding.
  const falling = tf.mul(tf.mul(tf.sub(matrix, absolute(matrix)), 0.5), others);
  return { rising: tf.sub(matrix, falling), falling };
}
