/** How weights are fitted to images: what endpoints and curves share. */
import { z } from 'zod';
import { backdoorName } from '../backdoor.js';
import { bonafideImages } from '../bonafide.js';
import { fraction, positive } from '../fields.js';
import { schedule } from './schedule.js';

const erasing = z
  .strictObject({
    probability: positive.max(1).default(0.5).describe('of erasing a rectangle of an image'),
    leastArea: positive
      .max(1)
      .default(0.02)
      .describe('of the rectangle, as a fraction of the image'),
    mostArea: positive.max(1).default(0.4),
  })
  .refine(({ leastArea, mostArea }) => leastArea <= mostArea, {
    path: ['leastArea'],
    message: 'must not exceed mostArea',
  });

const augmentation = z.strictObject({
  flip: z.boolean().default(true).describe('mirror left to right with probability 1/2'),
  padding: z
    .int()
    .min(0)
    .max(16)
    .default(4)
    .describe('zeros on every side, pixels, before a crop at a random place'),
  erasing: erasing.optional().describe('random erasing (Zhong et al. 2020; default: none)'),
});

/** SGD with momentum. */
export const training = {
  epochs: z
    .int()
    .min(0)
    .max(10_000)
    .optional()
    .describe('passes over the images; 0: none (default 2, unless steps is given)'),
  steps: z
    .int()
    .min(1)
    .max(10_000_000)
    .optional()
    .describe('total number of batches, instead of epochs'),
  batchSize: z.int().min(1).max(10_000).default(128).describe('images per step'),
  learningRate: positive.max(10),
  schedule: schedule.optional(),
  momentum: z.number().min(0).lt(1).default(0.9),
  nesterov: z
    .boolean()
    .optional()
    .describe('take the gradient ahead of the momentum step, as Nesterov did (default: no)'),
  weightDecay: z
    .number()
    .min(0)
    .max(1)
    .default(5e-4)
    .describe('coefficient of half the squared norm'),
  augmentation: augmentation
    .optional()
    .describe('augmentation of the training images, drawn anew at every step (default: none)'),
  dropout: positive
    .lt(1)
    .optional()
    .describe(
      'fraction of activations dropped in training, for models with dropout (default: none)',
    ),
  labelSmoothing: fraction
    .gt(0)
    .lt(1)
    .optional()
    .describe(
      'weight of the uniform distribution in the labels of the training loss (default: none)',
    ),
  backdoor: backdoorName.optional(),
  bonafide: bonafideImages.optional(),
  images: z
    .int()
    .min(1)
    .optional()
    .describe('train on the first so many images of the training set (default all)'),
};

interface Written {
  readonly epochs?: number | undefined;
  readonly steps?: number | undefined;
  readonly backdoor?: string | undefined;
  readonly bonafide?: number | undefined;
  readonly images?: number | undefined;
}

/** Adds the checks across fields, and the default budget of 2 epochs. */
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
    .refine(({ backdoor, bonafide, images }) => images === undefined || !(backdoor ?? bonafide), {
      path: ['images'],
      message: 'backdoor and bonafide say which images; leave this or them out',
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
