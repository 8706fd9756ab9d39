/** Certified training of endpoints in an experiment file. */
import { z } from 'zod';
import { fraction, pixels } from '../fields.js';

export const certified = z
  .strictObject({
    epsilon: pixels(z.number().positive().max(1)).describe('radius in linf, in [0,1] pixel units'),
    kappa: fraction
      .gt(0)
      .default(0.75)
      .describe('weight of the worst case within epsilon; the rest is that of the images'),
    begin: fraction
      .lt(1)
      .default(0.25)
      .describe('fraction of the steps after which epsilon and kappa grow from 0'),
    end: fraction.default(0.5).describe('fraction of the steps after which both stay'),
    levels: z
      .int()
      .min(1)
      .max(1000)
      .optional()
      .describe(
        'grow in that many equal jumps, the first at begin, each held equally long (default: linearly)',
      ),
  })
  .refine(({ begin, end }) => begin < end, {
    path: ['end'],
    message: 'epsilon and kappa grow between begin and end: give a larger fraction than begin',
  });
