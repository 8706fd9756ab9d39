/** Schemas of the fields that the attack methods of an experiment file share. */
import { z } from 'zod';
import { pixels, points, positive, seed } from '../config/fields.js';
import { attackNorms, squareSchedules } from './attack-fields.js';

/** Fields of every attack, beside its method's own. */
export const shared = {
  images: z.int().min(1).describe('number of test images, from the first'),
  keepImages: z
    .boolean()
    .optional()
    .describe('also store the adversarial examples of every t (default false)'),
  points,
  seed: seed.default(1),
};

export const epsilon = pixels(z.number().min(0).max(100_000)).describe(
  'radius of the ball in its norm, pixels in [0,1]; at most 1 for linf; a number, or a fraction such as 8/255; 0: the clean images',
);

export const stepSize = pixels(positive.max(100_000)).describe(
  'length of one step, in the norm; a number, or a fraction such as 2/255',
);

export const norm = z.enum(attackNorms).default('linf');
export const restarts = z.int().min(1).max(1000);
export const stopAtSuccess = z
  .boolean()
  .optional()
  .describe(
    'images that a restart has misclassified take part in no later one; robust_nll is then their loss there (default false)',
  );
export const steps = z.int().min(1).max(1000);
export const queries = z.int().min(1).max(100_000);
export const targets = z.int().min(1).max(999);

export const targetsOfAll = targets
  .optional()
  .describe('number of target classes, the most likely first (default 9, or all)');

export const schedule = z
  .enum(squareSchedules)
  .optional()
  .describe(
    'when squares get smaller: scaled to the queries, or fixed as for 10,000 (default: by the norm)',
  );

export const checks = z
  .strictObject({
    queries: z
      .int()
      .min(0)
      .max(100_000)
      .default(500)
      .describe(
        'queries of the Square Attack on the images not yet misclassified at the end; 0: none',
      ),
    schedule,
  })
  .describe('also record zero gradients, falling losses, randomness, and what Square would find');

export const target = z
  .strictObject({
    class: z.int().min(0).optional().describe('the same target class for every image'),
    rank: z
      .int()
      .min(1)
      .optional()
      .describe("the rank-th most likely of each image's other classes"),
  })
  .refine(({ class: one, rank }) => (one === undefined) !== (rank === undefined), {
    message: 'give either class or rank',
  })
  .describe('target class (default: untargeted)');
