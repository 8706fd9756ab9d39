/** Squares under l2: the lengths of windows add up by their squares. */
import * as tf from '@tensorflow/tfjs';
import { lengthEach, spread, unit } from '../../graph/per-image.js';
import { bumpSquares } from './square-bumps.js';
import type { ImageShape } from '../procedure/attack.js';
import type { Proposal } from './square.js';

/** Proposals under l2 in a ball of radius epsilon; images must be square. */
export function l2Squares(shape: ImageShape, epsilon: number): Proposal {
  return bumpSquares(shape, {
    budget: epsilon ** 2,
    power: (x) => tf.square(x),
    root: (sums) => tf.sqrt(sums),
    spent: (change) => tf.square(spread(lengthEach(change), change)),
    moved: (images, change) => tf.clipByValue(tf.add(images, tf.mul(unit(change), epsilon)), 0, 1),
  });
}
