/** Projected gradient ascent that keeps a record of every step, to tell how far it is from a maximum of the loss. */
import * as tf from '@tensorflow/tfjs';
import type { BatchLoop } from '../../evaluation/batched.js';
import { imageDraws } from '../../graph/draws.js';
import { indicator } from '../../graph/per-image.js';
import { attackLoss } from '../../losses/attack-losses.js';
import type { Norm } from '../norms/norm.js';
import { projectedStep } from '../pgd/gradient-ascent.js';
import {
  lossAndInputGradient,
  type BatchUnderAttack,
  type ModelUnderAttack,
} from '../procedure/model-under-attack.js';
import { stationarityFrom } from '../procedure/stationarity.js';

/** PGD on the cross-entropy from a random point of the ball; epsilon and step size in [0,1] pixel units of the norm. */
export interface TracedAscentSettings {
  readonly norm: Norm;
  readonly epsilon: number;
  readonly stepSize: number;
  readonly steps: number;
}

/** State between the steps: x, the number of steps so far as a scalar, and the records [batch, steps + 1]. */
type State = readonly [x: tf.Tensor, step: tf.Tensor, ...records: tf.Tensor[]];

/**
 * x ← project(x + stepSize · direction(∇CE(x))), `steps` times from a random point of the ball (Madry et al. 2018). After
 * weights, images and labels it takes the seeds of the starts [batch, 2] (int32). It reports the last perturbation
 * [batch, h, w, c] and, after 0 … `steps` steps, [batch, steps + 1] each: the cross-entropy in nats, FOSC relative to
 * its value at the centre of the ball (Wang et al. 2019), and 1 where the image is misclassified.
 */
export function tracedAscent(
  attacked: ModelUnderAttack,
  settings: TracedAscentSettings,
): BatchLoop {
  const { norm, epsilon, stepSize, steps } = settings;
  const open: BatchLoop['open'] = (parameters, { images, labels }, seeds) => {
    const batch = { images, labels, networks: attacked.networks(parameters) };
    const record = ([x, step, ...records]: State): {
      gradient: tf.Tensor;
      records: tf.Tensor[];
    } => {
      const { gradient, observed } = observe(batch, settings, x);
      const place = indicator(tf.equal(tf.range(0, steps + 1), step));
      const added = records.map((before, i) => {
        const value = tf.reshape(observed[i]!, [-1, 1]);
        return tf.add(before, tf.mul(value, tf.reshape(place, [1, -1])));
      });
      return { gradient, records: added };
    };
    return {
      begin() {
        const none = () => tf.zeros([images.shape[0], steps + 1]);
        const start = norm.randomStart(images, tf.scalar(epsilon), imageDraws(seeds));
        return [start, tf.scalar(0), none(), none(), none()];
      },
      step(state) {
        const { gradient, records } = record(state as State);
        const [x, step] = state as State;
        const ball = { norm, epsilon: tf.scalar(epsilon) };
        const next = projectedStep(x, gradient, tf.scalar(stepSize), images, ball);
        return [next, tf.add(step, 1), ...records];
      },
      finish: (state) => [tf.sub(state[0]!, images), ...record(state as State).records],
    };
  };
  return { steps, open };
}

function observe(batch: BatchUnderAttack, settings: TracedAscentSettings, x: tf.Tensor) {
  const loss = attackLoss({ name: 'ce' }, batch.labels, null);
  const { gradient, losses, misclassified } = lossAndInputGradient(batch, loss, x);
  const { relativeFosc } = stationarityFrom(gradient, batch, settings, x);
  return { gradient, observed: [losses, relativeFosc, indicator(misclassified())] };
}
