/** Projected gradient ascent with a choice of loss, target class and momentum. */
import * as tf from '@tensorflow/tfjs';
import { targetClasses, type TargetChoice } from '../procedure/target-class.js';
import { projectedStep } from './gradient-ascent.js';
import { attackLoss, type LossChoice } from '../../losses/attack-losses.js';
import { indicator, scaled, select, spread, sumEach } from '../../graph/per-image.js';
import type { StepwiseProcedure } from '../procedure/procedure.js';
import { lossAndInputGradient } from '../procedure/model-under-attack.js';
import type { PlainPgdSettings } from './plain-pgd.js';

/** Settings of PGD with a choice of loss, target class and momentum. */
export interface PgdSettings extends PlainPgdSettings {
  readonly loss: LossChoice;
  /** Absent: untargeted. */
  readonly target?: TargetChoice;
  /** Fraction of the earlier gradients that a step keeps (MI-FGSM: Dong et al. 2018); 0: none. */
  readonly momentum: number;
}

/**
 * PGD on any attack loss; the result is the last step's. With momentum μ, the direction is that of
 * g ← μ g + ∇loss / ||∇loss||_1. State: images, accumulated gradient, target class [batch, classes], losses [batch] after
 * half of the steps and now.
 */
export function pgd(settings: PgdSettings): StepwiseProcedure {
  const { norm, epsilon, stepSize, steps, randomStart, loss, target: choice, momentum } = settings;
  return {
    execution: 'stepwise',
    steps,
    // Whether half of the steps are over.
    stepInputs: (i) => [tf.scalar(i === Math.floor(steps / 2) ? 1 : 0)],
    initialise(batch, { draws, numbers: [rank] }) {
      const { images, labels } = batch;
      const x = randomStart ? norm.randomStart(images, tf.scalar(epsilon), draws) : images;
      const none = tf.fill([images.shape[0]], -Infinity);
      const target = choice ? targetClasses(choice, batch, rank!) : tf.zerosLike(labels);
      return [x, tf.zerosLike(images), target, none, none];
    },
    takeStep(batch, [x, before, target, half], { numbers: [isHalf] }) {
      const chosen = attackLoss(loss, batch.labels, choice ? target! : null);
      const { gradient, losses } = lossAndInputGradient(batch, chosen, x!);
      const g = momentum > 0 ? tf.add(tf.mul(before!, momentum), l1Unit(gradient)) : gradient;
      const next = projectedStep(x!, g, tf.scalar(stepSize), batch.images, {
        norm,
        epsilon: tf.scalar(epsilon),
      });
      return [
        next,
        momentum > 0 ? g : before!,
        target!,
        select(tf.greater(isHalf!, 0), losses, half!),
        losses,
      ];
    },
    candidates: (_batch, [x]) => [x!],
    ...(choice ? { targetClass: ([, , target]: readonly tf.Tensor[]) => target! } : {}),
    lossFell: ([, , , half, now]) => indicator(tf.less(now!, half!)),
  };
}

/** g / ||g||_1, image by image; zero stays zero. */
function l1Unit(gradient: tf.Tensor): tf.Tensor {
  const g = scaled(gradient);
  return tf.div(g, spread(tf.maximum(sumEach(tf.abs(g)), 1e-12), g));
}
