/**
 * Squares that share a budget: a window gets a bump and with it the budget of another window and what is left of the
 * ball's (Andriushchenko et al. 2020, algorithm 3).
 */
import * as tf from '@tensorflow/tfjs';
import type { Draws } from '../../graph/draws.js';
import { select } from '../../graph/per-image.js';
import { bump } from './square-pattern.js';
import type { ImageShape } from '../procedure/attack.js';
import { signs, window, type Proposal, type Window } from './square.js';
import { squareSide } from './square-schedule.js';

const tiny = 1e-12;
/** Bumps in a row and in a column of the first change. */
const tilesAcross = 5;

/** How a norm of sums counts: its length is root(Σ power(x)). */
export interface Budget {
  /** Σ power(x) of a change that spends all there is. */
  readonly budget: number;
  readonly power: (x: tf.Tensor) => tf.Tensor;
  readonly root: (sums: tf.Tensor) => tf.Tensor;
  /** Σ power(x) of each image, [batch, 1, 1, 1]. */
  readonly spent: (change: tf.Tensor) => tf.Tensor;
  /** An image of the ball, from one and a change in which its budget is spent. */
  readonly moved: (images: tf.Tensor, change: tf.Tensor) => tf.Tensor;
}

/** Squares of bumps, which spend the budget of a norm. */
export function bumpSquares([height, width]: ImageShape, budget: Budget): Proposal {
  const { moved } = budget;
  // A window is turned by a quarter.
  if (height !== width) throw new Error(`these need square images: ${height}x${width}`);
  return {
    numbers(place) {
      const side = oddSide(place, height, width);
      return [tf.scalar(side), tf.tensor2d(bump(side, height, width), [height, width])];
    },
    first(images, draws) {
      const change = tiles(images, draws);
      return moved(images, change);
    },
    next(images, best, { draws, numbers: [side, pattern] }) {
      const change = tf.sub(best, images);
      const [into, from] = [window(images, side!, draws, 0), window(images, side!, draws, 2)];
      const [batch, , , channels] = images.shape as [number, number, number, number];
      const turn = tf.less(draws.uniform([batch, 1, 1], 4), 0.5);
      const placed = place(pattern!, into, turn, images);
      const sign = signs([batch, 1, 1, channels], draws, 5);
      const next = exchanged(change, tf.mul(placed, sign), into.mask, from.mask, budget);
      return moved(images, next);
    },
  };
}

/** An odd side of at least three pixels. */
function oddSide(place: number, height: number, width: number): number {
  const side = squareSide(place, height, width, 3);
  return Math.min(side % 2 === 0 ? side + 1 : side, height, width);
}

/** The change with the second window empty and the first one new, in which all budget is spent. */
function exchanged(
  change: tf.Tensor,
  bumps: tf.Tensor,
  into: tf.Tensor,
  from: tf.Tensor,
  { budget, power, root, spent }: Budget,
): tf.Tensor {
  const overPixels = (x: tf.Tensor): tf.Tensor => tf.sum(power(x), [1, 2], true); // [batch, 1, 1, c]
  const old = tf.mul(change, into);
  const kept = tf.div(old, tf.add(root(overPixels(old)), tiny));
  const shape = tf.mul(tf.add(bumps, kept), into);
  const whole = spent(change);
  const spare = tf.div(tf.maximum(tf.sub(budget, whole), 0), change.shape[3]!);
  const freed = overPixels(tf.mul(change, tf.maximum(into, from)));
  const length = root(tf.add(spare, freed));
  const fresh = tf.mul(tf.div(shape, tf.add(root(overPixels(shape)), tiny)), length);
  const cleared = tf.mul(change, tf.sub(1, tf.maximum(into, from)));
  return tf.add(cleared, fresh);
}

/** The pattern [height, width], or the same turned, at the windows' places: [batch, height, width, 1]. */
function place(pattern: tf.Tensor, { top, left }: Window, turn: tf.Tensor, images: tf.Tensor) {
  const [batch, height, width] = images.shape as [number, number, number, number];
  const shift = (length: number, by: tf.Tensor): tf.Tensor => {
    const to = tf.reshape(tf.range(0, length), [1, length, 1]);
    const from = tf.reshape(tf.range(0, length), [1, 1, length]);
    return tf.cast(tf.equal(tf.sub(to, from), tf.reshape(by, [batch, 1, 1])), 'float32');
  };
  const [rows, columns] = [shift(height, top), shift(width, left)];
  const at = (p: tf.Tensor): tf.Tensor => {
    const moved = tf.matMul(tf.reshape(rows, [batch * height, height]), p);
    return tf.matMul(tf.reshape(moved, [batch, height, width]), columns, false, true);
  };
  const placed = select(turn, at(tf.transpose(pattern)), at(pattern));
  return tf.reshape(placed, [batch, height, width, 1]);
}

/** A grid of bumps, each of a random sign in every channel of every image. */
function tiles(images: tf.Tensor, draws: Draws): tf.Tensor {
  const [batch, height, width, channels] = images.shape as [number, number, number, number];
  const side = Math.max(Math.floor(Math.min(height, width) / tilesAcross), 1);
  const [down, across] = [Math.floor(height / side), Math.floor(width / side)];
  const one = tf.tensor2d(bump(side, side, side), [side, side]);
  const sign = signs([batch, down, across, channels], draws, 0);
  const rows = tf.tile(tf.reshape(sign, [batch, down, 1, across * channels]), [1, 1, side, 1]);
  const each = tf.reshape(rows, [batch, down * side * across, 1, channels]);
  const grid = tf.reshape(tf.tile(each, [1, 1, side, 1]), [
    batch,
    down * side,
    across * side,
    channels,
  ]);
  const filled = tf.mul(
    grid,
    tf.reshape(tf.tile(one, [down, across]), [1, down * side, across * side, 1]),
  );
  const ends = (length: number, used: number): [number, number] => {
    const before = Math.floor((length - used) / 2);
    return [before, length - used - before];
  };
  const margins = [ends(height, down * side), ends(width, across * side)] as const;
  return tf.pad(filled, [[0, 0], margins[0], margins[1], [0, 0]]);
}
