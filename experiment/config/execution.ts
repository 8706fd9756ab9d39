/** Execution settings in an experiment file; none of them can change a result. */
import { z } from 'zod';

const checkpoint = z
  .strictObject({
    everySteps: z
      .int()
      .min(1)
      .optional()
      .describe('steps of the displayed progress between checkpoints (default: by time alone)'),
    everySeconds: z.number().positive().max(86_400).default(60),
  })
  .prefault({})
  .describe('how often the state of a run is saved, whichever comes first; stopping saves it too');

export const defaultCheckpointPolicy = checkpoint.parse(undefined);

export const execution = z
  .strictObject({
    concurrency: z.int().min(1).max(500).default(64).describe('maximum number of runs in flight'),
    priority: z
      .int()
      .min(1)
      .max(5)
      .optional()
      .describe('1 (first) to 5 (default 3); experiments of equal priority take turns'),
    maxFailures: z
      .int()
      .min(1)
      .optional()
      .describe('stop after this number of failed runs (default: never)'),
    failFast: z
      .int()
      .min(1)
      .optional()
      .describe('stop when this number of runs have failed before any was done (default: never)'),
    checkpoint,
  })
  .prefault({})
  .describe('how to run it; cannot change a result and is no part of the signature');
