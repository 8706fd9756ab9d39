/** How far adversarial examples are from stationary points of the loss in the ball that holds them. */
import type * as tf from '@tensorflow/tfjs';
import { inFloat32 } from '../../graph/in-float32.js';
import { quotient } from '../../graph/per-image.js';
import { attackLoss } from '../../losses/attack-losses.js';
import type { ThreatModel } from './attack.js';
import { inputGradient, type BatchUnderAttack } from './model-under-attack.js';

/** Stationarity of each image, [batch]: zero where no first-order step within the ball raises the cross-entropy. */
export interface Stationarity<T = tf.Tensor> {
  /** First-order stationary condition max ⟨∇CE(x), z − x⟩ over the z of the ball, nats (Wang et al. 2019). */
  readonly fosc: T;
  /** FOSC / (ε · dual norm of ∇CE(x)), its value at the centre of the ball; 0 where the gradient is zero. */
  readonly relativeFosc: T;
}

/** Stationarity of adversarial examples x [batch, h, w, c]; in float32 whatever the precision of the graph. */
export function stationarity(
  batch: BatchUnderAttack,
  threat: ThreatModel,
  x: tf.Tensor,
): Stationarity {
  const loss = attackLoss({ name: 'ce' }, batch.labels, null);
  const gradient = inFloat32(() => inputGradient(batch, loss, x));
  return stationarityFrom(gradient, batch, threat, x);
}

/** The same from the gradient of the cross-entropy at x, like x. */
export function stationarityFrom(
  gradient: tf.Tensor,
  batch: Pick<BatchUnderAttack, 'images'>,
  { norm, epsilon }: ThreatModel,
  x: tf.Tensor,
): Stationarity {
  const fosc = norm.gap(gradient, x, batch.images, epsilon);
  return { fosc, relativeFosc: quotient(fosc, norm.gapAtCentre(gradient, epsilon)) };
}
