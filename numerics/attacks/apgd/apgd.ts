/**
 * APGD: gradient ascent without a step size to choose (Croce and Hein 2020, algorithm 1). An image whose loss
 * does not rise often enough goes back to its best point with half the step.
 */
import * as tf from '@tensorflow/tfjs';
import { answers, firstPoint, judge, type ApgdSettings } from './apgd-points.js';
import { apgdCheckpoints } from './apgd-schedule.js';
import { uphill, type Ball } from '../pgd/gradient-ascent.js';
import { namedState } from '../runner/named-state.js';
import { indicator, select, selectImages, spread } from '../../graph/per-image.js';
import type { Procedure } from '../runner/procedure.js';
import { fooled, type Victim } from '../runner/victim.js';

/** Share of the step taken afresh; the rest goes on as the last one did. */
const fresh = 0.75;
/** The step is halved unless the loss rose in more than this share of the steps since the last look. */
const rising = 0.75;

/** What it knows, image by image: points and gradients like images, [batch], or [batch, classes]. */
interface State {
  readonly x: tf.Tensor;
  readonly previous: tf.Tensor;
  readonly gradient: tf.Tensor;
  readonly best: tf.Tensor;
  readonly bestGradient: tf.Tensor;
  /** The last point that was misclassified, or the start. */
  readonly wrong: tf.Tensor;
  readonly stepSize: tf.Tensor;
  readonly loss: tf.Tensor;
  readonly bestLoss: tf.Tensor;
  /** The best loss when it looked last. */
  readonly lookedAt: tf.Tensor;
  /** In how many steps since then the loss rose. */
  readonly rises: tf.Tensor;
  /** 1 where the step was halved then. */
  readonly halved: tf.Tensor;
  /** 1 where some point was misclassified. */
  readonly fooled: tf.Tensor;
  readonly halfLoss: tf.Tensor;
  readonly target: tf.Tensor;
}

const { toList, toState } = namedState<keyof State>([
  'x',
  'previous',
  'gradient',
  'best',
  'bestGradient',
  'wrong',
  'stepSize',
  'loss',
  'bestLoss',
  'lookedAt',
  'rises',
  'halved',
  'fooled',
  'halfLoss',
  'target',
]);

export function apgd(settings: ApgdSettings): Procedure {
  const { steps } = settings;
  const checkpoints = new Map(apgdCheckpoints(steps).map(({ step, period }) => [step, period]));
  return {
    steps,
    numbers: (i) => [
      tf.scalar(i === 0 ? 1 : fresh),
      tf.scalar(checkpoints.has(i) ? 1 : 0),
      tf.scalar(rising * (checkpoints.get(i) ?? 0)),
      tf.scalar(i === Math.floor(steps / 2) ? 1 : 0),
    ],
    begin: (victim, { seed, numbers }) => toList(begun(settings, victim, seed, numbers[0]!)),
    step(victim, list, { numbers: [share, look, enough, isHalf] }) {
      const now = climbed(settings, victim, toState(list), share!);
      const halfLoss = select(tf.greater(isHalf!, 0), now.loss, now.halfLoss);
      return toList(lookedBack({ ...now, halfLoss }, tf.greater(look!, 0), enough!));
    },
    ...answers(settings, toState),
  };
}

function begun(settings: ApgdSettings, victim: Victim, seed: tf.Tensor, rank: tf.Tensor): State {
  const { images, labels } = victim;
  const { epsilon } = settings;
  const { x, target, gradient, losses, logits } = firstPoint(settings, epsilon, victim, seed, rank);
  const each = (value: number): tf.Tensor => tf.fill([images.shape[0]], value);
  return {
    ...{ x, previous: x, gradient, best: x, bestGradient: gradient, wrong: x, target },
    ...{ stepSize: each(2 * epsilon), loss: losses, bestLoss: losses, lookedAt: losses },
    ...{ rises: each(0), halved: each(1), halfLoss: each(-Infinity) },
    fooled: indicator(fooled(logits, labels)),
  };
}

/** One step with momentum, and what it found. */
function climbed(settings: ApgdSettings, victim: Victim, state: State, share: tf.Tensor): State {
  const { x, previous, gradient } = state;
  const { images, labels } = victim;
  const ball: Ball = { norm: settings.norm, epsilon: tf.scalar(settings.epsilon) };
  const tried = uphill(x, gradient, spread(state.stepSize, x), images, ball);
  const step = tf.add(
    tf.mul(tf.sub(tried, x), share),
    tf.mul(tf.sub(x, previous), tf.sub(1, share)),
  );
  const next = ball.norm.project(tf.add(x, step), images, ball.epsilon);
  const { gradient: slope, losses, logits } = judge(settings, victim, state.target, next);
  const better = tf.greater(losses, state.bestLoss);
  const wrong = fooled(logits, labels);
  return {
    ...state,
    ...{ x: next, previous: x, gradient: slope, loss: losses },
    best: selectImages(better, next, state.best),
    bestGradient: selectImages(better, slope, state.bestGradient),
    bestLoss: select(better, losses, state.bestLoss),
    wrong: selectImages(wrong, next, state.wrong),
    fooled: tf.maximum(state.fooled, indicator(wrong)),
    rises: tf.add(state.rises, indicator(tf.greater(losses, state.loss))),
  };
}

/**
 * At a checkpoint, images whose loss rose too seldom, or whose best loss is what it was at the last one although
 * the step was not halved there, go on from their best point with half the step.
 */
function lookedBack(state: State, look: tf.Tensor, enough: tf.Tensor): State {
  const seldom = tf.lessEqual(state.rises, enough);
  const stalled = tf.logicalAnd(
    tf.less(state.halved, 0.5),
    tf.greaterEqual(state.lookedAt, state.bestLoss),
  );
  const poor = tf.logicalOr(seldom, stalled);
  const back = tf.logicalAnd(look, poor);
  return {
    ...state,
    x: selectImages(back, state.best, state.x),
    gradient: selectImages(back, state.bestGradient, state.gradient),
    stepSize: select(back, tf.div(state.stepSize, 2), state.stepSize),
    lookedAt: select(look, state.bestLoss, state.lookedAt),
    rises: select(look, tf.scalar(0), state.rises),
    halved: select(look, indicator(poor), state.halved),
  };
}
