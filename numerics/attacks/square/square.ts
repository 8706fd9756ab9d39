/**
 * The Square Attack (Andriushchenko et al. 2020): random search without any gradient. Each query changes one
 * square, and the change stays where it lowered the margin of the label.
 */
import * as tf from '@tensorflow/tfjs';
import type { SquareSchedule } from '../../../experiment/catalogue/attack-methods.js';
import { uniformTensor } from '../../graph/uniform.js';
import { attackLoss } from '../../losses/attack-losses.js';
import { draw, indicator, select, selectImages } from '../../graph/per-image.js';
import type { Fed, Procedure } from '../runner/procedure.js';
import { squarePlace } from './square-schedule.js';
import type { Victim } from '../runner/victim.js';

/** Height, width and channels. */
export type ImageShape = readonly [number, number, number];

/** How a norm makes the first change and every other one. */
export interface Proposal {
  /** What a query is fed about its square, by its place among the 10,000 published ones. */
  numbers(place: number): tf.Tensor[];
  first(images: tf.Tensor, seed: tf.Tensor): tf.Tensor;
  next(images: tf.Tensor, best: tf.Tensor, fed: Fed): tf.Tensor;
}

/** The state: the best images, and by how much another class leads there, [batch]. Fooled images are left alone. */
export function square(queries: number, proposal: Proposal, schedule: SquareSchedule): Procedure {
  const lead = (victim: Victim, x: tf.Tensor): tf.Tensor =>
    attackLoss({ name: 'cw', confidence: Infinity }, victim.labels, null)(victim.logits(x));
  return {
    steps: queries,
    numbers: (i) => proposal.numbers(squarePlace(schedule, i, queries)),
    begin(victim, { seed }) {
      const x = proposal.first(victim.images, seed);
      return [x, lead(victim, x)];
    },
    step(victim, [best, before], fed) {
      const x = proposal.next(victim.images, best!, fed);
      const now = lead(victim, x);
      const better = tf.logicalOr(tf.greater(now, before!), tf.greaterEqual(now, 0));
      const taken = tf.logicalAnd(tf.less(before!, 0), better);
      return [selectImages(taken, x, best!), select(taken, now, before!)];
    },
    found: (_victim, [best]) => [best!],
    fooled: ([, before]) => indicator(tf.greaterEqual(before!, 0)),
  };
}

/** Integers 0 … `range` - 1, one per image: [batch]; the range is a scalar tensor. */
export function integers(batch: number, range: tf.Tensor, seed: tf.Tensor): tf.Tensor {
  const drawn = tf.floor(tf.mul(uniformTensor([batch], seed), range));
  return tf.minimum(drawn, tf.sub(range, 1));
}

/** Signs of this shape. */
export function signs(shape: readonly number[], seed: tf.Tensor): tf.Tensor {
  return select(tf.less(uniformTensor(shape, seed), 0.5), tf.scalar(-1), tf.scalar(1));
}

/** A square of each image at a random place: 1 inside, [batch, height, width, 1]. */
export function window(images: tf.Tensor, side: tf.Tensor, seed: tf.Tensor): Window {
  const [batch, height, width] = images.shape as [number, number, number, number];
  const top = integers(batch, tf.add(tf.sub(height, side), 1), draw(seed, 0));
  const left = integers(batch, tf.add(tf.sub(width, side), 1), draw(seed, 1));
  const inside = (length: number, from: tf.Tensor): tf.Tensor => {
    const at = tf.sub(tf.range(0, length), tf.reshape(from, [-1, 1])); // [batch, length]
    return indicator(tf.logicalAnd(tf.greaterEqual(at, 0), tf.less(at, side)));
  };
  const rows = tf.reshape(inside(height, top), [batch, height, 1, 1]);
  const columns = tf.reshape(inside(width, left), [batch, 1, width, 1]);
  return { mask: tf.mul(rows, columns), top, left };
}

export interface Window {
  readonly mask: tf.Tensor;
  /** First row and column of each image's square, [batch]. */
  readonly top: tf.Tensor;
  readonly left: tf.Tensor;
}
