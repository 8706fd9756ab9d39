/** What an experiment file may say about probes. */
import { z } from 'zod';
import { seed } from './fields.js';

export const probes = z
  .strictObject({
    count: z.int().min(1).max(200_000).describe('how many probes'),
    chain: z
      .int()
      .min(1)
      .max(200_000)
      .default(1)
      .describe('probes in a row, each of which needs the one before it'),
    seed: seed.default(1).describe('another seed makes other runs, with nothing cached'),
    sleepMs: z.int().min(0).max(3_600_000).default(0).describe('how long each one waits'),
    failEvery: z.int().min(1).optional().describe('every so many-th ends as a failure'),
  })
  .describe('runs that compute nothing: to test an installation, and how it bears many runs');

export type ProbesConfig = z.output<typeof probes>;
