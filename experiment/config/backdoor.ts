/** Backdoors in an experiment file: how training images are poisoned, and what counts as success. */
import { z } from 'zod';
import { triggerNames } from '../catalogue/triggers.js';
import { fraction, name, seed } from './fields.js';

export const backdoor = z
  .strictObject({
    trigger: z.enum(triggerNames).default('square').describe('pattern of white pixels'),
    target: z
      .union([z.int().min(0), z.literal('all')], { error: 'give the number of a class, or all' })
      .describe(
        'target class of all poisoned images; or all: class i becomes i + 1, the last class the first',
      ),
    fraction: fraction
      .gt(0)
      .default(0.1)
      .describe('fraction of the training images of each class but the target to replace'),
    seed: seed.default(1).describe('seed of the choice of images'),
    compat: z
      .enum(['published'])
      .optional()
      .describe(
        "published: success also counts images of the target class, without the trigger, as in the paper's code",
      ),
  })
  .refine(({ target, compat }) => compat === undefined || target !== 'all', {
    path: ['compat'],
    message: 'with target: all no image is of the target class; leave this out',
  });

/** Field of an endpoint or a curve. */
export const backdoorName = name.describe('train on data poisoned with this backdoor');
