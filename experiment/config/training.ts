/** How weights are fitted to images: what endpoints and curves share. */
import { z } from 'zod';
import { positive } from './fields.js';

const augmentation = z.strictObject({
  flip: z.boolean().default(true).describe('mirror left to right with probability 1/2'),
  padding: z
    .int()
    .min(0)
    .max(16)
    .default(4)
    .describe('zeros on every side, pixels, before a crop at a random place'),
});

/** SGD with momentum under the half-linear schedule of Garipov et al. 2018. */
export const training = {
  epochs: z.int().min(1).max(10_000),
  batchSize: z.int().min(1).max(10_000).default(128).describe('images per step'),
  learningRate: positive.max(10),
  momentum: z.number().min(0).lt(1).default(0.9),
  weightDecay: z.number().min(0).max(1).default(5e-4).describe('factor of half the squared norm'),
  augmentation: augmentation
    .optional()
    .describe('of the training images, anew at every step; none if left out'),
  dropout: positive
    .lt(1)
    .optional()
    .describe(
      'share of activations dropped in training, for models with dropout; none if left out',
    ),
};
