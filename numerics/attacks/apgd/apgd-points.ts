/** Points of APGD under any norm: the first, how each is judged, and what its state tells of them. */
import * as tf from '@tensorflow/tfjs';
import { aimOf, type AimChoice } from '../runner/target-class.js';
import { attackLoss, type LossChoice } from '../../losses/attack-losses.js';
import type { Norm } from '../norms/norm.js';
import { indicator } from '../../graph/per-image.js';
import type { Procedure } from '../runner/procedure.js';
import { ascertain, type Ascertained, type Victim } from '../runner/victim.js';

export interface ApgdSettings {
  readonly norm: Norm;
  readonly epsilon: number;
  readonly steps: number;
  readonly loss: LossChoice;
  /** Absent: away from the label. */
  readonly aim?: AimChoice;
}

/** What every form of APGD knows of its points. */
interface Points {
  readonly best: tf.Tensor;
  /** The last point that was misclassified, or the first. */
  readonly wrong: tf.Tensor;
  /** 1 where some point was misclassified. */
  readonly fooled: tf.Tensor;
  readonly loss: tf.Tensor;
  readonly halfLoss: tf.Tensor;
  readonly target: tf.Tensor;
}

/** A random point of the ball, the class aimed at from there, and its judgement. */
export function firstPoint(
  settings: ApgdSettings,
  radius: number,
  victim: Victim,
  seed: tf.Tensor,
  rank: tf.Tensor,
): Ascertained & { readonly x: tf.Tensor; readonly target: tf.Tensor } {
  const { norm, aim } = settings;
  const x = norm.randomStart(victim.images, tf.scalar(radius), seed);
  const target = aim ? aimOf(aim, victim, rank) : tf.zerosLike(victim.labels);
  return { x, target, ...judge(settings, victim, target, x) };
}

/** Loss, logits and gradient at x. */
export function judge(
  { loss, aim }: ApgdSettings,
  victim: Victim,
  target: tf.Tensor,
  x: tf.Tensor,
): Ascertained {
  return ascertain(victim, attackLoss(loss, victim.labels, aim ? target : null), x);
}

/** What a procedure with such a state answers. */
export function answers(
  { aim }: ApgdSettings,
  toState: (list: readonly tf.Tensor[]) => Points,
): Pick<Procedure, 'found' | 'fooled' | 'aim' | 'fell'> {
  return {
    found(_victim, list) {
      const { best, wrong } = toState(list);
      return [best, wrong];
    },
    fooled: (list) => toState(list).fooled,
    ...(aim ? { aim: (list: readonly tf.Tensor[]) => toState(list).target } : {}),
    fell(list) {
      const { loss, halfLoss } = toState(list);
      return indicator(tf.less(loss, halfLoss));
    },
  };
}
