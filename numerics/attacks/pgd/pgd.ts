/** Projected gradient ascent as a procedure: of any norm and loss, towards a class, with momentum. */
import * as tf from '@tensorflow/tfjs';
import { aimOf, type AimChoice } from '../runner/target-class.js';
import { uphill } from './gradient-ascent.js';
import type { Norm } from '../norms/norm.js';
import { attackLoss, type LossChoice } from '../../losses/attack-losses.js';
import { indicator, scaled, select, spread, sumEach } from '../../graph/per-image.js';
import type { Procedure } from '../runner/procedure.js';
import { ascertain, type Victim } from '../runner/victim.js';

export interface PgdSettings {
  readonly norm: Norm;
  readonly epsilon: number;
  readonly stepSize: number;
  readonly steps: number;
  readonly randomStart: boolean;
  readonly loss: LossChoice;
  /** Absent: away from the label. */
  readonly aim?: AimChoice;
  /** Share of the earlier gradients that a step keeps (MI-FGSM: Dong et al. 2018); 0: none. */
  readonly momentum: number;
}

/**
 * The result is the last step's. With momentum μ, the direction is that of g ← μ g + ∇loss / ||∇loss||_1.
 * The state: images, gathered gradient, the class aimed at, and losses at half of the steps and now.
 */
export function pgd(settings: PgdSettings): Procedure {
  const { norm, epsilon, stepSize, steps, randomStart, loss, aim, momentum } = settings;
  const judge = (victim: Victim, target: tf.Tensor, x: tf.Tensor) =>
    ascertain(victim, attackLoss(loss, victim.labels, aim ? target : null), x);
  return {
    steps,
    // Whether half of the steps are over.
    numbers: (i) => [tf.scalar(i === Math.floor(steps / 2) ? 1 : 0)],
    begin(victim, { seed, numbers: [rank] }) {
      const { images, labels } = victim;
      const x = randomStart ? norm.randomStart(images, tf.scalar(epsilon), seed) : images;
      const none = tf.fill([images.shape[0]], -Infinity);
      const target = aim ? aimOf(aim, victim, rank!) : tf.zerosLike(labels);
      return [x, tf.zerosLike(images), target, none, none];
    },
    step(victim, [x, before, target, half], { numbers: [isHalf] }) {
      const { gradient, losses } = judge(victim, target!, x!);
      const g = momentum > 0 ? tf.add(tf.mul(before!, momentum), l1Unit(gradient)) : gradient;
      const next = uphill(x!, g, tf.scalar(stepSize), victim.images, {
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
    found: (_victim, [x]) => [x!],
    ...(aim ? { aim: ([, , target]: readonly tf.Tensor[]) => target! } : {}),
    fell: ([, , , half, now]) => indicator(tf.less(now!, half!)),
  };
}

/** Each image's gradient over the sum of its magnitudes; zero stays zero. */
function l1Unit(gradient: tf.Tensor): tf.Tensor {
  const g = scaled(gradient);
  return tf.div(g, spread(tf.maximum(sumEach(tf.abs(g)), 1e-12), g));
}
