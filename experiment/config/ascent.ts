/** The gradient ascent on images that attacks and adversarial training share. */
import { z } from 'zod';
import { positive } from './fields.js';

const pixelEpsilon = positive
  .max(1)
  .describe('radius of the l-infinity ball, in [0,1] pixel units');

export const ascent = {
  epsilon: pixelEpsilon,
  stepSize: positive.max(1).describe('length of one sign step, in [0,1] pixel units'),
  steps: z.int().min(1).max(1000),
  randomStart: z.boolean().default(true),
};
