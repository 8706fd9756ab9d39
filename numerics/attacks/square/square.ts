/**
 * The Square Attack (Andriushchenko et al. 2020): random search without any gradient. Each query changes one
 * square, and the change stays where it lowered the margin of the label.
 */
import * as tf from '@tensorflow/tfjs';
import type { SquareSchedule } from '../../../experiment/attacks/attack-fields.js';
import type { Draws } from '../../graph/draws.js';
import { attackLoss } from '../../losses/attack-losses.js';
import { indicator, select, selectImages } from '../../graph/per-image.js';
import type { CallInputs, StepwiseProcedure } from '../procedure/procedure.js';
import { squarePlace } from './square-schedule.js';
import { losses, type BatchUnderAttack } from '../procedure/model-under-attack.js';

/** The changes that the Square Attack proposes under one norm, to images [batch, height, width, channels]. */
export interface Proposal {
  /** Scalars of a query about its square, by its place among the 10,000 published ones. */
  numbers(place: number): tf.Tensor[];
  first(images: tf.Tensor, draws: Draws): tf.Tensor;
  next(images: tf.Tensor, best: tf.Tensor, inputs: CallInputs): tf.Tensor;
}

/**
 * The Square Attack as a procedure, one query a step. State: the best images and the margin max_{i≠y} z_i − z_y there,
 * [batch]. Misclassified images are left alone.
 */
export function square(
  queries: number,
  proposal: Proposal,
  schedule: SquareSchedule,
): StepwiseProcedure {
  const margin = (batch: BatchUnderAttack, x: tf.Tensor): tf.Tensor =>
    losses(batch, attackLoss({ name: 'cw', confidence: Infinity }, batch.labels, null), x);
  return {
    execution: 'stepwise',
    steps: queries,
    stepInputs: (i) => proposal.numbers(squarePlace(schedule, i, queries)),
    initialise(batch, { draws }) {
      const x = proposal.first(batch.images, draws);
      return [x, margin(batch, x)];
    },
    takeStep(batch, [best, before], inputs) {
      const x = proposal.next(batch.images, best!, inputs);
      const now = margin(batch, x);
      const better = tf.logicalOr(tf.greater(now, before!), tf.greaterEqual(now, 0));
      const taken = tf.logicalAnd(tf.less(before!, 0), better);
      return [selectImages(taken, x, best!), select(taken, now, before!)];
    },
    candidates: (_batch, [best]) => [best!],
    misclassified: ([, before]) => indicator(tf.greaterEqual(before!, 0)),
  };
}

/** Integers 0 … `range` - 1, one per image: [batch]; the range is a scalar tensor. */
function integers(batch: number, range: tf.Tensor, draws: Draws, k: number): tf.Tensor {
  const drawn = tf.floor(tf.mul(draws.uniform([batch], k), range));
  return tf.minimum(drawn, tf.sub(range, 1));
}

/** Signs of this shape, [batch, …], by draw `k`. */
export function signs(shape: readonly number[], draws: Draws, k: number): tf.Tensor {
  return select(tf.less(draws.uniform(shape, k), 0.5), tf.scalar(-1), tf.scalar(1));
}

/** A square of each image at a random place, by the draws `k` and `k + 1`. */
export function window(images: tf.Tensor, side: tf.Tensor, draws: Draws, k: number): Window {
  const [batch, height, width] = images.shape as [number, number, number, number];
  const top = integers(batch, tf.add(tf.sub(height, side), 1), draws, k);
  const left = integers(batch, tf.add(tf.sub(width, side), 1), draws, k + 1);
  const inside = (length: number, from: tf.Tensor): tf.Tensor => {
    const at = tf.sub(tf.range(0, length), tf.reshape(from, [-1, 1])); // [batch, length]
    return indicator(tf.logicalAnd(tf.greaterEqual(at, 0), tf.less(at, side)));
  };
  const rows = tf.reshape(inside(height, top), [batch, height, 1, 1]);
  const columns = tf.reshape(inside(width, left), [batch, 1, width, 1]);
  return { mask: tf.mul(rows, columns), top, left };
}

/** A square of each image. */
export interface Window {
  /** 1 inside, [batch, height, width, 1]. */
  readonly mask: tf.Tensor;
  /** First row and column of each image's square, [batch]. */
  readonly top: tf.Tensor;
  readonly left: tf.Tensor;
}
