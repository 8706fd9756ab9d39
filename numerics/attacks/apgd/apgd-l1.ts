/**
 * APGD under l1 (Croce and Hein 2021, Mind the box, section 3): projected ascent whose steps change about as many
 * pixels as the best point so far needs, first in larger balls.
 */
import * as tf from '@tensorflow/tfjs';
import { answers, firstPoint, judge, type ApgdSettings } from './apgd-points.js';
import { l1Calls } from './apgd-l1-schedule.js';
import { sparseDirection, steepestVertex } from '../norms/l1-step.js';
import { namedState } from '../runner/named-state.js';
import { indicator, select, selectImages, spread, sumEach } from '../../graph/per-image.js';
import type { Procedure } from '../runner/procedure.js';
import { fooled, type Victim } from '../runner/victim.js';

/** Share of an image's entries that the first steps change. */
const firstShare = 0.2;
/** A step changes as many entries as the best point does, over this. */
const fewer = 1.5;
/** The step is shortened where the best point changes at least this share of the entries it changed before. */
const settled = 0.95;
const shorter = 1.5;
/** The shortest step, as a share of the radius. */
const shortest = 0.1;

/** Image by image: points and gradients like images, numbers [batch], the class aimed at [batch, classes]. */
export const apgdL1State = namedState([
  'x',
  'gradient',
  'best',
  'bestGradient',
  'bestLoss',
  /** The last point that was misclassified in the present ball, or its first. */
  'wrong',
  /** 1 where some point of the present ball was misclassified. */
  'fooled',
  /** l1 length of a step. */
  'stepSize',
  /** How many entries a step changes. */
  'sparsity',
  /** How many the best point changed when it looked last. */
  'changed',
  'loss',
  'halfLoss',
  'target',
]);
const { toList, toState } = apgdL1State;
type State = ReturnType<typeof toState>;

/** What a call is fed. */
interface Step {
  readonly radius: tf.Tensor;
  readonly shrinks: tf.Tensor;
  readonly looks: tf.Tensor;
  readonly half: tf.Tensor;
  readonly leaps: tf.Tensor;
}

export function apgdL1(settings: ApgdSettings): Procedure {
  const { steps, epsilon } = settings;
  const schedule = l1Calls(steps);
  return {
    steps: schedule.length,
    numbers(i) {
      const { multiple, move, looks, half } = schedule[i]!;
      const flags = [move === 'shrink', looks, half, move === 'leap'];
      return [tf.scalar(multiple * epsilon), ...flags.map((is) => tf.scalar(is ? 1 : 0))];
    },
    begin: (victim, { seed, numbers }) =>
      toList(begun(settings, schedule[0]!.multiple * epsilon, victim, seed, numbers[0]!)),
    step(victim, list, { numbers: [radius, ...flags] }) {
      const [shrinks, looks, half, leaps] = flags.map((flag) => tf.greater(flag, 0));
      const fed = { radius: radius!, shrinks: shrinks!, looks: looks!, half: half!, leaps: leaps! };
      return toList(lookedBack(victim, climbed(settings, victim, toState(list), fed), fed));
    },
    ...answers(settings, toState),
  };
}

function begun(
  settings: ApgdSettings,
  radius: number,
  victim: Victim,
  seed: tf.Tensor,
  rank: tf.Tensor,
): State {
  const { images, labels } = victim;
  const entries = images.size / images.shape[0];
  const { x, target, gradient, losses, logits } = firstPoint(settings, radius, victim, seed, rank);
  const each = (value: number): tf.Tensor => tf.fill([images.shape[0]], value);
  return {
    ...{ x, gradient, best: x, bestGradient: gradient, bestLoss: losses, wrong: x, target },
    fooled: radius > settings.epsilon ? each(0) : indicator(fooled(logits, labels)),
    ...{ stepSize: each(radius), sparsity: each(firstShare * entries), changed: each(entries) },
    ...{ loss: losses, halfLoss: each(-Infinity) },
  };
}

/** One call and what it found: a step uphill, the point nearest to the best of a larger ball, or the worst vertex. */
function climbed(settings: ApgdSettings, victim: Victim, state: State, fed: Step): State {
  const { x, gradient, best, sparsity, stepSize } = state;
  const { images, labels } = victim;
  const { radius, shrinks } = fed;
  const step = tf.mul(sparseDirection(gradient, sparsity, images), spread(stepSize, x));
  const far = steepestVertex(state.bestGradient, images, radius);
  const tried = select(shrinks, best, select(fed.leaps, far, tf.add(x, step)));
  const next = settings.norm.project(tried, images, radius);
  const { gradient: slope, losses, logits } = judge(settings, victim, state.target, next);
  const better = tf.logicalOr(shrinks, tf.greater(losses, state.bestLoss));
  const wrong = fooled(logits, labels);
  const inBall = tf.logicalAnd(wrong, tf.lessEqual(radius, settings.epsilon));
  const moved = changedEntries(next, images);
  return {
    ...state,
    ...{ x: next, gradient: slope, loss: select(fed.leaps, state.loss, losses) },
    best: selectImages(better, next, best),
    bestGradient: selectImages(better, slope, state.bestGradient),
    bestLoss: select(better, losses, state.bestLoss),
    wrong: selectImages(tf.logicalOr(shrinks, wrong), next, state.wrong),
    fooled: tf.maximum(state.fooled, indicator(inBall)),
    stepSize: select(shrinks, radius, stepSize),
    sparsity: select(shrinks, tf.div(moved, fewer), sparsity),
    changed: select(shrinks, moved, state.changed),
    halfLoss: select(fed.half, losses, state.halfLoss),
  };
}

/**
 * When it looks back, images whose best point changes far fewer entries than before go on from there with the
 * longest step; the others shorten theirs.
 */
function lookedBack(victim: Victim, state: State, { radius, looks }: Step): State {
  const changed = changedEntries(state.best, victim.images);
  const sparser = tf.less(changed, tf.mul(state.changed, settled));
  const back = tf.logicalAnd(looks, sparser);
  const short = tf.maximum(tf.div(state.stepSize, shorter), tf.mul(radius, shortest));
  return {
    ...state,
    x: selectImages(back, state.best, state.x),
    gradient: selectImages(back, state.bestGradient, state.gradient),
    stepSize: select(looks, select(sparser, radius, short), state.stepSize),
    sparsity: select(looks, tf.div(changed, fewer), state.sparsity),
    changed: select(looks, changed, state.changed),
  };
}

/** How many entries of each image differ from the centre's, [batch]. */
function changedEntries(x: tf.Tensor, centre: tf.Tensor): tf.Tensor {
  return sumEach(indicator(tf.notEqual(x, centre)));
}
