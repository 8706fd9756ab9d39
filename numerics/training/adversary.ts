/** The attacker inside an adversarial training step: PGD (Madry et al. 2018), alone or beside the images, or TRADES. */
import * as tf from '@tensorflow/tfjs';
import type { AdversarialSpec } from '../../experiment/specs/training.js';
import { climb, startingPoint } from '../attacks/pgd/gradient-ascent.js';
import { linf } from '../attacks/norms/linf.js';
import type { Norm } from '../attacks/norms/norm.js';
import { crossEntropies } from '../losses/cross-entropy.js';
import { opSeed } from '../random.js';
import { divergences } from '../losses/kl-divergence.js';
import { scalarFeed, vectorFeed, type Feed } from '../optimise/step-inputs.js';
import type { Against, BatchTensors } from '../losses/training-loss.js';
import { warmup } from '../optimise/schedule.js';

/** Images [batch, height, width, channels] to logits, as the attacker sees the network. */
export type Predict = (images: tf.Tensor) => tf.Tensor;

/** Images on which training minimises the loss. */
interface Attacked {
  readonly batch: BatchTensors;
  /** Images that the loss sees beside the batch; null: none. */
  readonly against: Against | null;
}

/** Further inputs of a step: epsilon [] and step size [] at that step, and the seed [2] (int32) of the start. */
export function adversaryInputs(
  { epsilon, stepSize, warmup: share }: AdversarialSpec,
  seed: number,
  step: number,
  total: number,
): Feed[] {
  const factor = warmup(step, total, share);
  return [
    scalarFeed(epsilon * factor),
    scalarFeed(stepSize * factor),
    vectorFeed(opSeed(seed, 'attack-start', step), 'int32'),
  ];
}

/** The attacker on one batch: its first state, the state after one more step, and the images it ends with. */
export interface Attacker {
  begin(): tf.Tensor[];
  step(state: readonly tf.Tensor[]): tf.Tensor[];
  finish(state: readonly tf.Tensor[]): Attacked;
}

/** Training without an attacker, in the same form. */
export function noAttacker(batch: BatchTensors): Attacker {
  return {
    begin: () => [],
    step: (state) => [...state],
    finish: () => ({ batch, against: null }),
  };
}

/**
 * PGD (Madry et al. 2018): the batch becomes the images of highest cross-entropy that were found. TRADES
 * (Zhang et al. 2019, algorithm 1): the batch stays, and its predictions are compared with those on the
 * images in the ball whose predictions differ from them most. A trade-off: the batch stays, and the images of
 * PGD have their own share of the loss. The state: the points reached, and with TRADES the predictions on the images.
 */
export function attackerOn(
  predict: Predict,
  batch: BatchTensors,
  { randomStart, trades, tradeOff }: AdversarialSpec,
  [epsilon, stepSize, seed]: readonly tf.Tensor[],
): Attacker {
  const { images } = batch;
  const ascent = {
    ...{ epsilon: epsilon!, stepSize: stepSize! },
    startSeed: randomStart ? seed! : null,
  };
  if (trades === undefined) {
    const loss = (x: tf.Tensor) => tf.sum(crossEntropies(predict(x), batch.labels));
    return {
      begin: () => [startingPoint(images, linf, ascent)],
      step: ([x]) => [climb(x!, tf.grad(loss), images, linf, ascent)],
      finish: ([x]) =>
        tradeOff === undefined
          ? { batch: { ...batch, images: x! }, against: null }
          : { batch, against: { kind: 'labels', images: x!, ...tradeOff } },
    };
  }
  return {
    begin() {
      const clean = predict(images);
      return [startingPoint(images, beside, ascent), clean];
    },
    step([x, clean]) {
      const loss = (point: tf.Tensor) => tf.sum(divergences(clean!, predict(point)));
      return [climb(x!, tf.grad(loss), images, beside, ascent), clean!];
    },
    finish: ([x]) => ({ batch, against: { kind: 'divergence', images: x!, weight: trades.beta } }),
  };
}

/** Standard deviation of the start, in pixel units: at the image itself the divergence has no gradient. */
const startScale = 1e-3;

const beside: Norm = {
  ...linf,
  randomStart(centre, epsilon, draws) {
    const noise = tf.mul(draws.normal(centre.shape), startScale);
    return linf.project(tf.add(centre, noise), centre, epsilon);
  },
};
