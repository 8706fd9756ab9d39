/** What an experiment file may say about the evaluation along paths. */
import { z } from 'zod';
import { entryName, points } from './fields.js';

export const evaluation = z.strictObject({
  points,
  straightLine: z
    .boolean()
    .default(true)
    .describe('evaluate the straight line between the ends beside each curve'),
  endpoints: z
    .array(entryName)
    .min(1)
    .optional()
    .describe('endpoints that are evaluated alone, as a path of one point'),
});
