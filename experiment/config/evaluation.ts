/** Evaluation along paths in an experiment file. */
import { z } from 'zod';
import { entryName, points } from './fields.js';

export const evaluation = z.strictObject({
  points,
  straightLine: z
    .boolean()
    .default(true)
    .describe('also evaluate the straight line between the ends of each curve'),
  endpoints: z
    .array(entryName)
    .min(1)
    .optional()
    .describe('endpoints to evaluate alone, as paths of one point'),
});
