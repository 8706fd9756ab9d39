/** Bonafide data in an experiment file: images that no attacker has touched, taken from the test set. */
import { z } from 'zod';
import { seed } from './fields.js';

export const bonafide = z
  .strictObject({
    seed: seed.default(1).describe('seed of the choice and order of the test images in the pool'),
    pool: z
      .int()
      .min(1)
      .optional()
      .describe('number of test images that bonafide sets are drawn from (default: half of them)'),
    validation: z
      .number()
      .min(0)
      .lt(1)
      .default(0.2)
      .describe('fraction of each bonafide set that is held out to choose t'),
    margin: z
      .number()
      .min(0)
      .lt(0.5)
      .default(0.4)
      .describe(
        't is chosen between margin and 1 - margin, since the bonafide loss is smallest near the ends, where the networks are still tampered with',
      ),
  })
  .describe(
    'splits the test set in two: a pool of bonafide images, and the evaluation half, on which alone everything is measured',
  );

/** Field of an endpoint or a curve. */
export const bonafideImages = z
  .int()
  .min(1)
  .describe('number of bonafide images to train on, drawn from the pool; give the budget in steps');
