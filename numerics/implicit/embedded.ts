/**
 * The mixed-monotone embedded network (Jafarpour et al. 2022, eq. 3): bounds of the fixed point for all inputs in a box.
 * With ⌈A⌉ the entries of A that are on the diagonal or not negative and ⌊A⌋ the others,
 * x̲ = Φ(⌈A⌉ x̲ + ⌊A⌋ x̄ + v̲) and x̄ = Φ(⌈A⌉ x̄ + ⌊A⌋ x̲ + v̄), an implicit network of 2n units with the measure of A.
 */
import * as tf from '@tensorflow/tfjs';
import { absolute } from './parametrisation.js';

/** [[⌈A⌉, ⌊A⌋], [⌊A⌋, ⌈A⌉]] [2n, 2n], which acts on the lower bounds followed by the upper ones. */
export function embeddedMatrix(matrix: tf.Tensor): tf.Tensor {
  const others = tf.sub(1, tf.eye(matrix.shape[0]!));
  // Half the difference to the magnitude: 0 or the entry itself, without rounding.
  const falling = tf.mul(tf.mul(tf.sub(matrix, absolute(matrix)), 0.5), others);
  const rising = tf.sub(matrix, falling);
  const [own, other] = [tf.concat([rising, falling], 1), tf.concat([falling, rising], 1)];
  return tf.concat([own, other], 0);
}
