/**
 * APGD under l1 (Croce and Hein 2021, Mind the box, section 3): projected ascent whose steps change about as many
 * pixels as the best point so far needs, first in larger balls.
 */
import * as tf from '@tensorflow/tfjs';
import { evaluatePoint, firstPoint, reports, type ApgdSettings } from './apgd-points.js';
import { l1Calls } from './apgd-l1-schedule.js';
import { sparseDirection, steepestVertex } from '../norms/l1-step.js';
import { namedState } from '../procedure/named-state.js';
import { indicator, select, selectImages, spread, sumEach } from '../../graph/per-image.js';
import type { BatchUnderAttack } from '../procedure/model-under-attack.js';
import type { CallInputs, StepwiseProcedure } from '../procedure/procedure.js';

/** Share of an image's entries that the first steps change. */
const firstShare = 0.2;
/** A step changes as many entries as the best point does, over this. */
const fewer = 1.5;
/** The step is shortened where the best point changes at least this share of the entries it changed before. */
const settled = 0.95;
const shorter = 1.5;
/** The shortest step, as a share of the radius. */
const shortest = 0.1;

/** Image by image: points and gradients like images, numbers [batch], the target class [batch, classes]. */
export const apgdL1State = namedState([
  'x',
  'gradient',
  'best',
  'bestGradient',
  'bestLoss',
  /** The last point that was misclassified in the present ball, or its first. */
  'wrong',
  /** 1 where some point of the present ball was misclassified. */
  'misclassified',
  /** l1 length of a step. */
  'stepSize',
  /** How many entries a step changes. */
  'sparsity',
  /** How many the best point changed at the last checkpoint. */
  'changed',
  'loss',
  'halfLoss',
  'target',
]);
const { toList, toState } = apgdL1State;
type State = ReturnType<typeof toState>;

/** Inputs of a call: the radius, and flags (bool). */
interface Step {
  readonly radius: tf.Tensor;
  readonly shrinks: tf.Tensor;
  readonly isCheckpoint: tf.Tensor;
  readonly half: tf.Tensor;
  readonly leaps: tf.Tensor;
}

/** APGD under l1 as a procedure; its candidates are the best point and the last misclassified one of the last ball. */
export function apgdL1(settings: ApgdSettings): StepwiseProcedure {
  const { steps, epsilon } = settings;
  const schedule = l1Calls(steps);
  return {
    execution: 'stepwise',
    steps: schedule.length,
    stepInputs(i) {
      const { multiple, move, isCheckpoint, half } = schedule[i]!;
      const flags = [move === 'shrink', isCheckpoint, half, move === 'leap'];
      return [tf.scalar(multiple * epsilon), ...flags.map((is) => tf.scalar(is ? 1 : 0))];
    },
    initialise: (batch, inputs) =>
      toList(initialise(settings, schedule[0]!.multiple * epsilon, batch, inputs)),
    takeStep(batch, list, { numbers: [radius, ...flags] }) {
      const [shrinks, looks, half, leaps] = flags.map((flag) => tf.greater(flag, 0));
      const step: Step = {
        ...{ radius: radius!, shrinks: shrinks!, isCheckpoint: looks!, half: half!, leaps: leaps! },
      };
      return toList(checkpoint(batch, takeStep(settings, batch, toState(list), step), step));
    },
    ...reports(settings, toState),
  };
}

function initialise(
  settings: ApgdSettings,
  radius: number,
  batch: BatchUnderAttack,
  inputs: CallInputs,
): State {
  const { images } = batch;
  const entries = images.size / images.shape[0];
  const first = firstPoint(settings, radius, batch, inputs);
  const { x, target, gradient, losses } = first;
  const each = (value: number): tf.Tensor => tf.fill([images.shape[0]], value);
  return {
    ...{ x, gradient, best: x, bestGradient: gradient, bestLoss: losses, wrong: x, target },
    misclassified: radius > settings.epsilon ? each(0) : indicator(first.misclassified()),
    ...{ stepSize: each(radius), sparsity: each(firstShare * entries), changed: each(entries) },
    ...{ loss: losses, halfLoss: each(-Infinity) },
  };
}

/** One call: an ascent step, the projection of a larger ball's best point, or the worst vertex of ball and box. */
function takeStep(
  settings: ApgdSettings,
  batch: BatchUnderAttack,
  state: State,
  call: Step,
): State {
  const { x, gradient, best, sparsity, stepSize } = state;
  const { images } = batch;
  const { radius, shrinks } = call;
  const step = tf.mul(sparseDirection(gradient, sparsity, images), spread(stepSize, x));
  const far = steepestVertex(state.bestGradient, images, radius);
  const tried = select(shrinks, best, select(call.leaps, far, tf.add(x, step)));
  const next = settings.norm.project(tried, images, radius);
  const found = evaluatePoint(settings, batch, state.target, next);
  const { gradient: slope, losses } = found;
  const better = tf.logicalOr(shrinks, tf.greater(losses, state.bestLoss));
  const wrong = found.misclassified();
  const inBall = tf.logicalAnd(wrong, tf.lessEqual(radius, settings.epsilon));
  const moved = changedEntries(next, images);
  return {
    ...state,
    ...{ x: next, gradient: slope, loss: select(call.leaps, state.loss, losses) },
    best: selectImages(better, next, best),
    bestGradient: selectImages(better, slope, state.bestGradient),
    bestLoss: select(better, losses, state.bestLoss),
    wrong: selectImages(tf.logicalOr(shrinks, wrong), next, state.wrong),
    misclassified: tf.maximum(state.misclassified, indicator(inBall)),
    stepSize: select(shrinks, radius, stepSize),
    sparsity: select(shrinks, tf.div(moved, fewer), sparsity),
    changed: select(shrinks, moved, state.changed),
    halfLoss: select(call.half, losses, state.halfLoss),
  };
}

/**
 * At a checkpoint, images whose best point changes far fewer entries than before resume from there with the longest step;
 * the others shorten theirs.
 */
function checkpoint(batch: BatchUnderAttack, state: State, { radius, isCheckpoint }: Step): State {
  const changed = changedEntries(state.best, batch.images);
  const sparser = tf.less(changed, tf.mul(state.changed, settled));
  const back = tf.logicalAnd(isCheckpoint, sparser);
  const short = tf.maximum(tf.div(state.stepSize, shorter), tf.mul(radius, shortest));
  return {
    ...state,
    x: selectImages(back, state.best, state.x),
    gradient: selectImages(back, state.bestGradient, state.gradient),
    stepSize: select(isCheckpoint, select(sparser, radius, short), state.stepSize),
    sparsity: select(isCheckpoint, tf.div(changed, fewer), state.sparsity),
    changed: select(isCheckpoint, changed, state.changed),
  };
}

/** How many entries of each image differ from the centre's, [batch]. */
function changedEntries(x: tf.Tensor, centre: tf.Tensor): tf.Tensor {
  return sumEach(indicator(tf.notEqual(x, centre)));
}
