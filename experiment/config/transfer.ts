/** What an experiment file may say about attacks that are crafted at one place of a path and tried at another. */
import { z } from 'zod';
import { entryName, points } from './fields.js';

export const transfer = z.strictObject({
  attack: entryName.describe('one of the attacks of this file'),
  points: points.default(5),
  images: z
    .int()
    .min(1)
    .optional()
    .describe('how many test images, from the first; as many as the attack if left out'),
});

export type TransferConfig = z.output<typeof transfer>;
