/** What an experiment file may say about the evaluation along paths. */
import { z } from 'zod';
import { points } from './fields.js';

export const evaluation = z.strictObject({
  points,
  straightLine: z
    .boolean()
    .default(true)
    .describe('evaluate the straight line between the ends beside each curve'),
});
