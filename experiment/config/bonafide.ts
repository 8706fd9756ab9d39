/** What an experiment file may say about bonafide data: images that no attacker has touched, cut from the test set. */
import { z } from 'zod';
import { seed } from './fields.js';

export const bonafide = z
  .strictObject({
    seed: seed.default(1).describe('decides which test images are in the pool, and their order'),
    pool: z
      .int()
      .min(1)
      .optional()
      .describe('how many test images bonafide sets are drawn from; half of them if left out'),
    validation: z
      .number()
      .min(0)
      .lt(1)
      .default(0.2)
      .describe('share of each bonafide set that is held out to choose t'),
    margin: z
      .number()
      .min(0)
      .lt(0.5)
      .default(0.4)
      .describe(
        't is chosen between margin and 1 - margin: bonafide loss is least beside the ends, where they are as tampered as ever',
      ),
  })
  .describe(
    'cuts the test set in two: a pool of bonafide images, and the rest, on which alone is then measured',
  );

/** Of an endpoint or a curve. */
export const bonafideImages = z
  .int()
  .min(1)
  .describe('train on so many bonafide images, drawn from the pool; give the budget in steps');

export type BonafideConfig = z.output<typeof bonafide>;
