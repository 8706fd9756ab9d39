/**
 * APGD: gradient ascent without a step size to choose (Croce and Hein 2020, algorithm 1). An image whose loss
 * does not rise often enough goes back to its best point with half the step.
 */
import * as tf from '@tensorflow/tfjs';
import { evaluatePoint, firstPoint, reports, type ApgdSettings } from './apgd-points.js';
import { apgdCheckpoints } from './apgd-schedule.js';
import { projectedStep, type Ball } from '../pgd/gradient-ascent.js';
import { namedState } from '../procedure/named-state.js';
import { indicator, select, selectImages, spread } from '../../graph/per-image.js';
import type { BatchUnderAttack } from '../procedure/model-under-attack.js';
import type { CallInputs, StepwiseProcedure } from '../procedure/procedure.js';

/** Fraction of the new step; the rest repeats the last one. */
const fresh = 0.75;
/** The step is halved unless the loss rose in more than this fraction of the steps since the last checkpoint. */
const rising = 0.75;

/** Image by image: points and gradients like images, numbers [batch], the target class [batch, classes]. */
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
  /** The best loss at the last checkpoint. */
  readonly checkpointLoss: tf.Tensor;
  /** Number of steps since then in which the loss rose. */
  readonly rises: tf.Tensor;
  /** 1 where the step was halved then. */
  readonly halved: tf.Tensor;
  /** 1 where some point was misclassified. */
  readonly misclassified: tf.Tensor;
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
  'checkpointLoss',
  'rises',
  'halved',
  'misclassified',
  'halfLoss',
  'target',
]);

/** APGD as a procedure; its candidates are the best point and the last misclassified one. */
export function apgd(settings: ApgdSettings): StepwiseProcedure {
  const { steps } = settings;
  const checkpoints = new Map(apgdCheckpoints(steps).map(({ step, period }) => [step, period]));
  return {
    execution: 'stepwise',
    steps,
    stepInputs: (i) => [
      tf.scalar(i === 0 ? 1 : fresh),
      tf.scalar(checkpoints.has(i) ? 1 : 0),
      tf.scalar(rising * (checkpoints.get(i) ?? 0)),
      tf.scalar(i === Math.floor(steps / 2) ? 1 : 0),
    ],
    initialise: (batch, inputs) => toList(initialise(settings, batch, inputs)),
    takeStep(batch, list, { numbers: [share, isCheckpoint, enough, isHalf] }) {
      const now = takeStep(settings, batch, toState(list), share!);
      const halfLoss = select(tf.greater(isHalf!, 0), now.loss, now.halfLoss);
      return toList(checkpoint({ ...now, halfLoss }, tf.greater(isCheckpoint!, 0), enough!));
    },
    ...reports(settings, toState),
  };
}

function initialise(settings: ApgdSettings, batch: BatchUnderAttack, inputs: CallInputs): State {
  const { images } = batch;
  const { epsilon } = settings;
  const first = firstPoint(settings, epsilon, batch, inputs);
  const { x, target, gradient, losses } = first;
  const each = (value: number): tf.Tensor => tf.fill([images.shape[0]], value);
  return {
    ...{ x, previous: x, gradient, best: x, bestGradient: gradient, wrong: x, target },
    ...{ stepSize: each(2 * epsilon), loss: losses, bestLoss: losses, checkpointLoss: losses },
    ...{ rises: each(0), halved: each(1), halfLoss: each(-Infinity) },
    misclassified: indicator(first.misclassified()),
  };
}

/** One step with momentum, and loss and gradient where it ends. */
function takeStep(
  settings: ApgdSettings,
  batch: BatchUnderAttack,
  state: State,
  share: tf.Tensor,
): State {
  const { x, previous, gradient } = state;
  const { images } = batch;
  const ball: Ball = { norm: settings.norm, epsilon: tf.scalar(settings.epsilon) };
  const tried = projectedStep(x, gradient, spread(state.stepSize, x), images, ball);
  const step = tf.add(
    tf.mul(tf.sub(tried, x), share),
    tf.mul(tf.sub(x, previous), tf.sub(1, share)),
  );
  const next = ball.norm.project(tf.add(x, step), images, ball.epsilon);
  const found = evaluatePoint(settings, batch, state.target, next);
  const { gradient: slope, losses } = found;
  const better = tf.greater(losses, state.bestLoss);
  const wrong = found.misclassified();
  return {
    ...state,
    ...{ x: next, previous: x, gradient: slope, loss: losses },
    best: selectImages(better, next, state.best),
    bestGradient: selectImages(better, slope, state.bestGradient),
    bestLoss: select(better, losses, state.bestLoss),
    wrong: selectImages(wrong, next, state.wrong),
    misclassified: tf.maximum(state.misclassified, indicator(wrong)),
    rises: tf.add(state.rises, indicator(tf.greater(losses, state.loss))),
  };
}

/**
 * At a checkpoint, images whose loss rose too seldom, or whose best loss is what it was at the last one although
 * the step was not halved there, go on from their best point with half the step.
 */
function checkpoint(state: State, isCheckpoint: tf.Tensor, enough: tf.Tensor): State {
  const seldom = tf.lessEqual(state.rises, enough);
  const stalled = tf.logicalAnd(
    tf.less(state.halved, 0.5),
    tf.greaterEqual(state.checkpointLoss, state.bestLoss),
  );
  const poor = tf.logicalOr(seldom, stalled);
  const back = tf.logicalAnd(isCheckpoint, poor);
  return {
    ...state,
    x: selectImages(back, state.best, state.x),
    gradient: selectImages(back, state.bestGradient, state.gradient),
    stepSize: select(back, tf.div(state.stepSize, 2), state.stepSize),
    checkpointLoss: select(isCheckpoint, state.bestLoss, state.checkpointLoss),
    rises: select(isCheckpoint, tf.scalar(0), state.rises),
    halved: select(isCheckpoint, indicator(poor), state.halved),
  };
}
