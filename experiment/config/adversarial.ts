/** Adversarial training of endpoints and curves in an experiment file. */
import { z } from 'zod';
import { ascent } from './ascent.js';
import { fraction, positive } from './fields.js';

export const adversarial = z
  .strictObject({
    ...ascent,
    warmup: fraction
      .default(0.25)
      .describe('fraction of the steps over which epsilon and stepSize grow linearly from 0'),
    method: z
      .enum(['pgd', 'trades'])
      .optional()
      .describe(
        'pgd: adversarial examples instead of clean images; trades: clean images, plus beta times the divergence of the predictions on adversarial examples (default pgd)',
      ),
    beta: positive
      .max(1000)
      .optional()
      .describe('weight of that divergence, with method: trades (default 6)'),
  })
  .refine(({ beta, method }) => beta === undefined || method === 'trades', {
    path: ['beta'],
    message: 'needs method: trades',
  })
  .refine(({ method, randomStart }) => method !== 'trades' || randomStart, {
    path: ['randomStart'],
    message: 'trades begins beside the image: at it the divergence has no gradient',
  });

export type AdversarialConfig = z.output<typeof adversarial>;
