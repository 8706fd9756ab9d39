/** Fractional knapsack: a linear programme over a box with one budget constraint, solved greedily. */
import * as tf from '@tensorflow/tfjs';
import { attribute, nativeOp, typeAttribute } from '../../graph/native.js';
import { column, flat, quotient, select, spread, sumEach } from '../../graph/per-image.js';

/**
 * Fraction of its amount that each entry gives, [batch, …] in [0,1]: entries give all of it by falling worth, until they
 * sum to the total [batch]; entries of the last worth that is needed give equal fractions of what is left.
 */
export function greedyShares(worth: tf.Tensor, amounts: tf.Tensor, total: tf.Tensor): tf.Tensor {
  const last = spread(lastWorth(flat(worth), flat(amounts), total), worth);
  const above = tf.greater(worth, last);
  const zero = tf.scalar(0);
  const given = sumEach(select(above, amounts, zero));
  const offered = sumEach(select(tf.equal(worth, last), amounts, zero));
  const rest = quotient(tf.maximum(tf.sub(total, given), 0), offered);
  const share = spread(tf.minimum(rest, 1), worth);
  return select(above, tf.scalar(1), select(tf.equal(worth, last), share, zero));
}

/** The worth at which the running sum over falling worth reaches the total; past the end, the least. */
function lastWorth(worth: tf.Tensor2D, amounts: tf.Tensor2D, total: tf.Tensor): tf.Tensor {
  const { values, indices } = tf.topk(worth, worth.shape[1]);
  const reached = tf.cumsum(inOrder(amounts, indices), 1);
  const short = tf.less(reached, tf.reshape(total, [-1, 1]));
  return column(values, tf.sum(tf.cast(short, 'int32'), 1));
}

/** Each row's entries in the order of its indices, [batch, n]; by name, as tfjs reads the indices to check them. */
function inOrder(rows: tf.Tensor2D, indices: tf.Tensor): tf.Tensor {
  return nativeOp(
    'GatherV2',
    [rows, indices.toInt(), tf.scalar(1, 'int32')],
    [
      typeAttribute('Tparams', 'TF_FLOAT'),
      typeAttribute('Tindices', 'TF_INT32'),
      typeAttribute('Taxis', 'TF_INT32'),
      attribute('batch_dims', 'TF_ATTR_INT', 1),
    ],
  );
}
