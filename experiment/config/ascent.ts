/** The gradient ascent on images that attacks and adversarial training share. */
import { z } from 'zod';
import { pixels, positive } from './fields.js';

export const ascent = {
  epsilon: pixels(z.number().min(0).max(1)).describe(
    'radius of the l-infinity ball, in [0,1] pixel units; a number, or a fraction such as 8/255; 0: the clean images',
  ),
  stepSize: pixels(positive.max(1)).describe(
    'length of one sign step, in [0,1] pixel units; a number, or a fraction such as 2/255',
  ),
  steps: z.int().min(1).max(1000),
  randomStart: z.boolean().default(true),
};
