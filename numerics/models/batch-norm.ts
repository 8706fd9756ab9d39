/** Batch normalisation (Ioffe & Szegedy 2015): by the batch in training, by fixed statistics in evaluation. */
import * as tf from '@tensorflow/tfjs';
import type { OpAttribute } from '../graph/graph.js';
import { attribute, nativeOps, typeAttribute } from '../graph/native.js';

/** Added to the variance, as in PyTorch. */
export const epsilon = 1e-5;

/** Receives the mean and then the unbiased variance of each channel [channels] over batch, height and width. */
export type Observe = (statistic: tf.Tensor) => void;

/** gamma · (x - mean) / sqrt(variance + eps) + beta with the mean and the biased variance of x itself. */
export function normaliseByBatch(
  x: tf.Tensor,
  gamma: tf.Tensor,
  beta: tf.Tensor,
  observe: Observe,
): tf.Tensor {
  const normalise = tf.customGrad((input, scale, offset, save) => {
    const [image, factor] = [input as tf.Tensor, scale as tf.Tensor];
    const none = tf.tensor1d([]);
    const [value, mean, variance, ...reserved] = nativeOps(
      'FusedBatchNormV3',
      [image, factor, offset as tf.Tensor, none, none],
      6,
      [...attributes(), attribute('exponential_avg_factor', 'TF_ATTR_FLOAT', 1)],
    );
    observe(mean!);
    observe(variance!);
    (save as tf.GradSaveFunc)([image, factor, ...reserved]);
    return {
      value: value!,
      gradFunc: (upstream, saved) =>
        nativeOps('FusedBatchNormGradV3', [upstream, ...saved], 5, attributes()).slice(0, 3),
    };
  });
  return normalise(x, gamma, beta);
}

/** gamma · (x - mean) / sqrt(variance + eps) + beta with given statistics [channels], as in evaluation: one kernel. */
export const normaliseBy: (
  x: tf.Tensor,
  gamma: tf.Tensor,
  beta: tf.Tensor,
  mean: tf.Tensor,
  variance: tf.Tensor,
) => tf.Tensor = tf.customGrad((...given) => {
  const save = given.pop() as tf.GradSaveFunc;
  const inputs = given as tf.Tensor[];
  const [value] = nativeOps('FusedBatchNormV3', inputs, 6, attributes(false));
  const [x, gamma, , mean, variance] = inputs;
  save([x!, gamma!, mean!, variance!]);
  return {
    value: value!,
    gradFunc: (upstream, saved) => affineGradients(upstream, saved as AffineInputs),
  };
});

type AffineInputs = [x: tf.Tensor, gamma: tf.Tensor, mean: tf.Tensor, variance: tf.Tensor];

/** Gradients in x, gamma, beta, mean and variance; that in x, g · gamma / sqrt(variance + eps), is the kernel itself. */
function affineGradients(g: tf.Tensor, [x, gamma, mean, variance]: AffineInputs): tf.Tensor[] {
  const inverse = tf.rsqrt(tf.add(variance, epsilon));
  const scale = tf.mul(gamma, inverse);
  const zero = tf.zerosLike(mean);
  const others = [0, 1, 2].slice(0, x.rank - 1);
  const inGamma = tf.sum(tf.mul(g, tf.mul(tf.sub(x, mean), inverse)), others);
  const inBeta = tf.sum(g, others);
  const inVariance = tf.mul(tf.mul(inGamma, tf.mul(scale, inverse)), -0.5);
  const [inX] = nativeOps(
    'FusedBatchNormV3',
    [g, gamma, zero, zero, variance],
    6,
    attributes(false),
  );
  return [inX!, inGamma, inBeta, tf.neg(tf.mul(scale, inBeta)), inVariance];
}

/** gamma / sqrt(variance + eps), [channels]. */
export function scaleOf(gamma: tf.Tensor, variance: tf.Tensor): tf.Tensor {
  return tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)));
}

function attributes(isTraining = true): OpAttribute[] {
  return [
    typeAttribute('T', 'TF_FLOAT'),
    typeAttribute('U', 'TF_FLOAT'),
    attribute('epsilon', 'TF_ATTR_FLOAT', epsilon),
    attribute('data_format', 'TF_ATTR_STRING', 'NHWC'),
    attribute('is_training', 'TF_ATTR_BOOL', isTraining),
  ];
}

/**
 * Runs something that observes, and returns what it observed as tensors of the caller's scope:
 * gradients free everything that they make unless it is kept.
 */
export function observing<T>(run: (observe: Observe) => T): { value: T; statistics: tf.Tensor[] } {
  const kept: tf.Tensor[] = [];
  try {
    const value = run((statistic) => void kept.push(tf.keep(statistic)));
    return { value, statistics: kept.map((statistic) => tf.clone(statistic)) };
  } finally {
    tf.dispose(kept);
  }
}
