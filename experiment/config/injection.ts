/** Fault injection (fault sneaking) in an experiment file. */
import { z } from 'zod';
import { fraction, positive, seed } from './fields.js';

export const injection = z
  .strictObject({
    tensor: z
      .string()
      .min(1)
      .default('last')
      .describe(
        'the one tensor to change: last (weights of the last dense layer), last-conv (of the last convolution), or a name such as conv2.weight',
      ),
    images: z
      .int()
      .min(1)
      .default(1000)
      .describe('number of test images, all classified correctly by the clean endpoint'),
    wrong: z
      .int()
      .min(1)
      .default(4)
      .describe('number of these images to misclassify, each as another class'),
    weight: positive
      .default(100)
      .describe('weight of the misclassified images in the loss; the others have 1'),
    margin: z.number().min(0).default(1).describe('margin of the target class, in logits'),
    stepSize: positive
      .default(5e-5)
      .describe('step size of gradient descent on the summed hinge loss'),
    maxSteps: z
      .int()
      .min(1)
      .max(100_000)
      .default(500)
      .describe('maximum steps, after which the injection has failed'),
    stealth: fraction
      .default(0.95)
      .describe('minimum fraction of these images that are classified as intended'),
    seed: seed.default(1).describe('seed of the choice of images and targets'),
    compat: z
      .enum(['published'])
      .optional()
      .describe(
        "published: targets are drawn from all classes, the true one included, as in the paper's code",
      ),
  })
  .refine(({ wrong, images }) => wrong <= images, {
    path: ['wrong'],
    message: 'there are not so many images',
  });
