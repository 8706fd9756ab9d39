/** What an experiment file may say about an endpoint. */
import { z } from 'zod';
import { ascent } from './ascent.js';
import { fraction, seed } from './fields.js';
import { trained, training } from './training.js';

const adversarial = z.strictObject({
  ...ascent,
  warmup: fraction
    .default(0.25)
    .describe('share of the steps over which epsilon and stepSize grow linearly from 0'),
});

const written = z.strictObject({
  seed: seed.describe('decides the initial weights, the order of the images and the attacks'),
  ...training,
  learningRate: training.learningRate.default(0.05),
  adversarial: adversarial
    .optional()
    .describe('train on PGD examples of each batch instead of the clean images'),
});

export const endpoint = trained(written);

export type AdversarialConfig = z.output<typeof adversarial>;
export type EndpointConfig = z.output<typeof endpoint>;
