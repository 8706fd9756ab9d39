/** What an experiment file may say about training against an attacker, of an endpoint or of a curve. */
import { z } from 'zod';
import { ascent } from './ascent.js';
import { fraction, positive } from './fields.js';

export const adversarial = z
  .strictObject({
    ...ascent,
    warmup: fraction
      .default(0.25)
      .describe('share of the steps over which epsilon and stepSize grow linearly from 0'),
    method: z
      .enum(['pgd', 'trades'])
      .optional()
      .describe(
        'pgd: the attacked images instead of the clean ones; trades: the clean ones, plus beta times the divergence of the predictions on attacked ones (pgd, if left out)',
      ),
    beta: positive
      .max(1000)
      .optional()
      .describe('weight of that divergence, with method: trades (6, if left out)'),
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
