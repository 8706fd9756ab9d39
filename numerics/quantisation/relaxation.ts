/** Binary-Relax (Yin et al. 2018): weights on their way from float to quantised ones, as training sees them. */
import * as tf from '@tensorflow/tfjs';
import type { QuantisationSpec } from '../../experiment/specs/quantisation.js';
import { scalarFeed, type Feed } from '../optimise/step-inputs.js';

/**
 * η of a step: start · growth^epoch, ∞ from `hard` of the steps on, and always without relaxation. An epoch is a pass
 * over the images, `perEpoch` steps, whole or not.
 */
export function relaxationWeight(
  { relaxation }: Pick<QuantisationSpec, 'relaxation'>,
  step: number,
  total: number,
  perEpoch: number,
): number {
  if (relaxation === undefined || step / total >= relaxation.hard) return Infinity;
  const { start, growth } = relaxation;
  return start * growth ** Math.floor(step / perEpoch + rounding);
}

/** Rounding of a step that begins an epoch: far below one step. */
const rounding = 1e-9;

/** η / (1 + η), 1 for ∞: the place of (η Q(V) + V) / (1 + η) on the segment from V (0) to Q(V) (1). */
export function segmentPosition(eta: number): number {
  return eta === Infinity ? 1 : eta / (1 + eta);
}

/** Further input of a step: the place [] of its weights on the segment. */
export function quantisationInputs(
  quantisation: Pick<QuantisationSpec, 'relaxation'>,
  step: number,
  total: number,
  perEpoch: number,
): Feed[] {
  return [scalarFeed(segmentPosition(relaxationWeight(quantisation, step, total, perEpoch)))];
}

/**
 * Ŵ = (1 - α) V + α Q(V), exactly V at α = 0 and Q(V) at α = 1: the minimiser of ½ ‖W - V‖² + ½ η ‖W - Q(V)‖²,
 * α = η / (1 + η). V and Q(V) have one shape, α is [].
 */
export function relaxed(weights: tf.Tensor, quantised: tf.Tensor, position: tf.Tensor): tf.Tensor {
  return tf.add(tf.mul(weights, tf.sub(1, position)), tf.mul(quantised, position));
}
