/** Parts of APGD under every norm: settings, first point, loss and gradient at a point, and reports. */
import * as tf from '@tensorflow/tfjs';
import { targetClasses, type TargetChoice } from '../procedure/target-class.js';
import { attackLoss, type LossChoice } from '../../losses/attack-losses.js';
import type { Norm } from '../norms/norm.js';
import { indicator } from '../../graph/per-image.js';
import {
  lossAndInputGradient,
  type BatchUnderAttack,
  type LossAndInputGradient,
} from '../procedure/model-under-attack.js';
import type { CallInputs, StepwiseProcedure } from '../procedure/procedure.js';

/** Settings of APGD; epsilon in [0,1] pixel units of the norm. */
export interface ApgdSettings {
  readonly norm: Norm;
  readonly epsilon: number;
  readonly steps: number;
  readonly loss: LossChoice;
  /** Absent: untargeted. */
  readonly target?: TargetChoice;
}

/** The part of the state that the reports read; points like images, the others [batch]. */
interface Points {
  readonly best: tf.Tensor;
  /** The last point that was misclassified, or the first. */
  readonly wrong: tf.Tensor;
  /** 1 where some point was misclassified. */
  readonly misclassified: tf.Tensor;
  readonly loss: tf.Tensor;
  readonly halfLoss: tf.Tensor;
  readonly target: tf.Tensor;
}

/** A random point of the ball of this radius, the target class, and loss and gradient there. */
export function firstPoint(
  settings: ApgdSettings,
  radius: number,
  batch: BatchUnderAttack,
  { draws, numbers: [rank] }: CallInputs,
): LossAndInputGradient & { readonly x: tf.Tensor; readonly target: tf.Tensor } {
  const { norm, target: choice } = settings;
  const x = norm.randomStart(batch.images, tf.scalar(radius), draws);
  const target = choice ? targetClasses(choice, batch, rank!) : tf.zerosLike(batch.labels);
  return { x, target, ...evaluatePoint(settings, batch, target, x) };
}

/** Loss and gradient at x, towards the target class [batch, classes] if the attack is targeted. */
export function evaluatePoint(
  { loss, target: choice }: ApgdSettings,
  batch: BatchUnderAttack,
  target: tf.Tensor,
  x: tf.Tensor,
): LossAndInputGradient {
  return lossAndInputGradient(batch, attackLoss(loss, batch.labels, choice ? target : null), x);
}

/** The reports of a procedure whose state holds such points. */
export function reports(
  { target: choice }: ApgdSettings,
  toState: (list: readonly tf.Tensor[]) => Points,
): Pick<StepwiseProcedure, 'candidates' | 'misclassified' | 'targetClass' | 'lossFell'> {
  return {
    candidates(_batch, list) {
      const { best, wrong } = toState(list);
      return [best, wrong];
    },
    misclassified: (list) => toState(list).misclassified,
    ...(choice ? { targetClass: (list: readonly tf.Tensor[]) => toState(list).target } : {}),
    lossFell(list) {
      const { loss, halfLoss } = toState(list);
      return indicator(tf.less(loss, halfLoss));
    },
  };
}
