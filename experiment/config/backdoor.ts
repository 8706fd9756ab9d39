/** What an experiment file may say about a backdoor: how training images are poisoned, and what counts as its success. */
import { z } from 'zod';
import { triggerNames } from '../catalogue/triggers.js';
import { fraction, name, seed } from './fields.js';

export const backdoor = z
  .strictObject({
    trigger: z.enum(triggerNames).default('square').describe('pixels that are set to white'),
    target: z
      .union([z.int().min(0), z.literal('all')], { error: 'give the number of a class, or all' })
      .describe('class of all poisoned images; or all: class i becomes i + 1, the last the first'),
    fraction: fraction
      .gt(0)
      .default(0.1)
      .describe('share of the training images of each class, but for the target, that is replaced'),
    seed: seed.default(1).describe('decides which images are'),
    compat: z
      .enum(['published'])
      .optional()
      .describe(
        'published: success counts images of the target class too, without the trigger, as the code of the paper does',
      ),
  })
  .refine(({ target, compat }) => compat === undefined || target !== 'all', {
    path: ['compat'],
    message: 'with target: all no image is of the target class; leave this out',
  });

/** Of an endpoint or a curve. */
export const backdoorName = name.describe('train on data poisoned by this one of the backdoors');

export type BackdoorConfig = z.output<typeof backdoor>;
