/** How weights are fitted to images: what endpoints and curves share. */
import { z } from 'zod';
import { backdoorName } from './backdoor.js';
import { bonafideImages } from './bonafide.js';
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
  epochs: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe('passes over the images; 2, if neither this nor steps is given'),
  steps: z.int().min(1).max(10_000_000).optional().describe('batches in all, instead of epochs'),
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
  backdoor: backdoorName.optional(),
  bonafide: bonafideImages.optional(),
};

interface Written {
  readonly epochs?: number | undefined;
  readonly steps?: number | undefined;
  readonly backdoor?: string | undefined;
  readonly bonafide?: number | undefined;
}

/** What fits together; the budget of what says none is 2 epochs. */
export function trained<T extends Written>(schema: z.ZodType<T>) {
  return schema
    .refine(({ epochs, steps }) => epochs === undefined || steps === undefined, {
      path: ['steps'],
      message: 'the budget is in epochs or in steps; leave one out',
    })
    .refine(({ backdoor, bonafide }) => backdoor === undefined || bonafide === undefined, {
      path: ['bonafide'],
      message: 'bonafide images are not poisoned; leave this or backdoor out',
    })
    .refine(({ bonafide, steps }) => bonafide === undefined || steps !== undefined, {
      path: ['steps'],
      message: 'bonafide sets of every size are trained on for as long; give the budget in steps',
    })
    .transform((written) =>
      written.epochs === undefined && written.steps === undefined
        ? { ...written, epochs: 2 }
        : written,
    );
}
