/** Which of two outcomes of an attack counts, image by image. */
import * as tf from '@tensorflow/tfjs';

/**
 * Of two outcomes, each CE [batch] and wrong [batch]: misclassified is worse than not, then the higher
 * CE is. One that is not a number replaces what was there, so that it shows.
 */
export function worse(
  before: readonly [tf.Tensor, tf.Tensor],
  found: readonly [tf.Tensor, tf.Tensor],
) {
  const [nll, wrong] = found;
  const higher = tf.logicalNot(tf.lessEqual(nll, before[0]));
  const replaces = tf.logicalOr(
    tf.greater(wrong, before[1]),
    tf.logicalAnd(tf.equal(wrong, before[1]), higher),
  );
  const choose = (i: 0 | 1): tf.Tensor => tf.where(replaces, found[i], before[i]);
  return [choose(0), choose(1)] as const;
}
