/** What an experiment file may say about faults that are sneaked into a trained endpoint. */
import { z } from 'zod';
import { fraction, positive, seed } from './fields.js';

export const injection = z
  .strictObject({
    tensor: z
      .string()
      .min(1)
      .default('last')
      .describe(
        'the only one that is changed: last (of the last dense layer), last-conv (of the last convolution), or its name, such as conv2.weight',
      ),
    images: z
      .int()
      .min(1)
      .default(1000)
      .describe('test images that the clean endpoint classifies correctly'),
    wrong: z.int().min(1).default(4).describe('how many of them get another class as their target'),
    weight: positive.default(100).describe('of these in the loss; the others have 1'),
    margin: z.number().min(0).default(1).describe('by which the target is to lead, in logits'),
    stepSize: positive.default(5e-5).describe('of plain gradient descent on the summed hinge'),
    maxSteps: z.int().min(1).max(100_000).default(500).describe('after which it has failed'),
    stealth: fraction
      .default(0.95)
      .describe('least share of all these images that are classified as they should be'),
    seed: seed.default(1).describe('decides which images, and which targets'),
    compat: z
      .enum(['published'])
      .optional()
      .describe(
        'published: the target is drawn from all classes, the own one too, as the code of the paper does',
      ),
  })
  .refine(({ wrong, images }) => wrong <= images, {
    path: ['wrong'],
    message: 'there are not so many images',
  });

export type InjectionConfig = z.output<typeof injection>;
