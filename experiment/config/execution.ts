/** What an experiment file may say about how it is carried out; none of it can change a result. */
import { z } from 'zod';

const checkpoint = z
  .strictObject({
    everySteps: z
      .int()
      .min(1)
      .optional()
      .describe('steps of the progress that is shown; by time alone if left out'),
    everySeconds: z.number().positive().max(86_400).default(60),
  })
  .prefault({})
  .describe('how often the state of a run is saved, whichever comes first; a stop saves it too');

export const defaultCheckpointPolicy = checkpoint.parse(undefined);

export const execution = z
  .strictObject({
    concurrency: z.int().min(1).max(500).default(64).describe('most runs in flight at once'),
    priority: z
      .int()
      .min(1)
      .max(5)
      .optional()
      .describe('1 before 5; 3 if left out. Experiments of one priority take turns'),
    maxFailures: z.int().min(1).optional().describe('stop after so many failed runs'),
    failFast: z
      .int()
      .min(1)
      .optional()
      .describe('stop when so many runs have failed before any was done'),
    checkpoint,
  })
  .prefault({})
  .describe('how to run it; cannot change a result and is no part of the signature');
