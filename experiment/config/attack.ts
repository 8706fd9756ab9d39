/** What an experiment file may say about an attack along paths. */
import { z } from 'zod';
import { ascent } from './ascent.js';
import { points, seed } from './fields.js';

export const attack = z
  .strictObject({
    ...ascent,
    restarts: z
      .int()
      .min(1)
      .max(1000)
      .optional()
      .describe('random starts per image, of which the worst outcome counts; 1 if left out'),
    norm: z.enum(['linf']).default('linf'),
    images: z.int().min(1).describe('how many test images, from the first'),
    points,
    seed: seed.default(1),
  })
  .refine(({ restarts = 1, randomStart }) => restarts === 1 || randomStart, {
    path: ['restarts'],
    message: 'without randomStart every restart is the same attack; set it, or leave this out',
  });

export type AttackConfig = z.output<typeof attack>;
