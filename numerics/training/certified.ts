/**
 * Certified training (Davydov et al. 2022): a growing part of the loss is the cross-entropy of the worst margins that
 * interval bounds allow within ε, (1 - κ) CE(z, y) + κ CE(-z̲, y), z̲ the lower bounds of z_y - z_j with 0 at y.
 */
import * as tf from '@tensorflow/tfjs';
import type { CertifiedTraining } from '../../experiment/specs/training.js';
import { solvedBox } from '../certificates/implicit-box.js';
import { relativeMarginBounds } from '../certificates/margin-bounds.js';
import type { WorstCase } from '../losses/training-loss.js';
import type { Model } from '../models/model.js';
import { scalarFeed, type Feed } from '../optimise/step-inputs.js';

/**
 * Further inputs of a step: ε [] and κ [] at that step, which grow between `begin` and `end`, linearly in the steps or
 * in `levels` equal jumps of which the first is at `begin` (by epoch, as in robust-inn-mm).
 */
export function certifiedInputs(
  { epsilon, kappa, begin, end, levels }: CertifiedTraining,
  step: number,
  total: number,
): Feed[] {
  const grown = (step / total - begin) / (end - begin);
  const reached =
    levels === undefined ? grown : (Math.floor(levels * grown + rounding) + 1) / levels;
  const factor = Math.min(1, Math.max(0, reached));
  return [scalarFeed(epsilon * factor), scalarFeed(kappa * factor)];
}

/** Rounding of a fraction of the steps that is a level itself: far below that of one step. */
const rounding = 1e-9;

/** The logits -z̲ [batch, classes] of the worst case within ε []. */
type WorstLogits = WorstCase['logits'];

/** Worst logits of a network of layers without running statistics; throws for any other. */
export function worstLogits({ name, layers, parameters, statistics }: Model, epsilon: tf.Tensor) {
  if (layers === undefined || statistics !== undefined) {
    throw new Error(`${name}: certified training takes layers without batch norm`);
  }
  const position = new Map(parameters.map((spec, i) => [spec.name, i]));
  const worst: WorstLogits = (weights, { images, labels }) => {
    const weight = (wanted: string): tf.Tensor => weights[position.get(wanted)!]!;
    // How far the iteration is from its fixed point is no matter of the weights' gradient.
    const pass = { weight, implicit: solvedBox };
    return tf.neg(relativeMarginBounds({ layers, pass }, { images, labels, epsilon }));
  };
  return worst;
}

/** With ε [] and κ [], as `certifiedInputs` gives them, the worst case within ε and its weight; null without. */
export function worstCase(model: Model, [epsilon, kappa]: readonly tf.Tensor[]): WorstCase | null {
  if (epsilon === undefined || kappa === undefined) return null;
  return { logits: worstLogits(model, epsilon), weight: kappa };
}
