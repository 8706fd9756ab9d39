/** The attacker inside a training step: what it makes of a batch, and what the training then minimises. */
import * as tf from '@tensorflow/tfjs';
import type { AdversarialSpec } from '../../experiment/runs.js';
import { ascend } from '../attacks/gradient-ascent.js';
import { linf } from '../attacks/linf.js';
import type { Norm } from '../attacks/norm.js';
import { normalTensor } from '../graph/normal.js';
import { crossEntropies } from '../models/layers.js';
import { opSeed } from '../random.js';
import { divergences } from './divergence.js';
import { scalarFed, vectorFed, type Fed } from './fed.js';
import type { Against, BatchTensors } from './loss.js';
import { warmup } from './schedule.js';

/** Images [batch, height, width, channels] to logits, as the attacker sees the network. */
export type Predict = (images: tf.Tensor) => tf.Tensor;

export interface Attacked {
  readonly batch: BatchTensors;
  /** What the predictions on the batch must agree with; null: nothing. */
  readonly against: Against | null;
}

/** Further inputs of a step: epsilon [] and step size [] at that step, and the seed [2] (int32) of the start. */
export function adversaryInputs(
  { epsilon, stepSize, warmup: share }: AdversarialSpec,
  seed: number,
  step: number,
  total: number,
): Fed[] {
  const factor = warmup(step, total, share);
  return [
    scalarFed(epsilon * factor),
    scalarFed(stepSize * factor),
    vectorFed(opSeed(seed, 'attack-start', step), 'int32'),
  ];
}

/**
 * PGD (Madry et al. 2018): the batch becomes the images of highest cross-entropy that were found. TRADES
 * (Zhang et al. 2019, algorithm 1): the batch stays, and its predictions are compared with those on the
 * images in the ball whose predictions differ from them most.
 */
export function attacked(
  predict: Predict,
  batch: BatchTensors,
  adversarial: AdversarialSpec,
  [epsilon, stepSize, seed]: readonly tf.Tensor[],
): Attacked {
  const { steps, randomStart, trades } = adversarial;
  const ascent = {
    ...{ epsilon: epsilon!, stepSize: stepSize!, steps },
    startSeed: randomStart ? seed! : null,
  };
  if (trades === undefined) {
    const loss = (x: tf.Tensor) => tf.sum(crossEntropies(predict(x), batch.labels));
    return {
      batch: { ...batch, images: ascend(tf.grad(loss), batch.images, linf, ascent) },
      against: null,
    };
  }
  const clean = predict(batch.images);
  const loss = (x: tf.Tensor) => tf.sum(divergences(clean, predict(x)));
  const images = ascend(tf.grad(loss), batch.images, beside, ascent);
  return { batch, against: { images, weight: trades.beta } };
}

/** Standard deviation of the start, in pixel units: at the image itself the divergence has no gradient. */
const startScale = 1e-3;

const beside: Norm = {
  ...linf,
  randomStart(centre, epsilon, seed) {
    const noise = tf.mul(normalTensor(centre.shape, seed), startScale);
    return linf.project(tf.add(centre, noise), centre, epsilon);
  },
};
