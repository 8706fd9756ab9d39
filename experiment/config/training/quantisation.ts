/** Quantised training of endpoints in an experiment file. */
import { z } from 'zod';
import { fraction, positive } from '../fields.js';

export const quantisation = z
  .strictObject({
    scheme: z
      .enum(['binary', 'ternary', 'uniform'])
      .describe(
        'values of a weight, times a scale: -1 and 1; -1, 0 and 1; or 2^bits - 1 equally spaced values around 0',
      ),
    variant: z
      .enum(['exact', 'twn', 'published'])
      .optional()
      .describe(
        'of scheme: ternary. exact: the nearest in least squares; twn: zero below 0.7 times the mean magnitude, the mean of the others as scale; published: the same zeros, with a scale too small by the fraction kept (default exact)',
      ),
    bits: z.int().min(2).max(8).optional().describe('of scheme: uniform (default 4)'),
    per: z
      .enum(['tensor', 'channel'])
      .default('tensor')
      .describe('one scale for each tensor, or for each output channel'),
    method: z
      .enum(['binary-relax', 'straight-through'])
      .default('binary-relax')
      .describe(
        'binary-relax: loss and gradient at (eta Q(V) + V) / (1 + eta), eta growing, then at Q(V); straight-through: at Q(V) from the first step on',
      ),
    start: positive
      .max(1e6)
      .optional()
      .describe('with method: binary-relax, eta in the first epoch (default 1)'),
    growth: z
      .number()
      .min(1)
      .max(100)
      .optional()
      .describe(
        'with method: binary-relax, factor of eta from one epoch to the next (default 1.05)',
      ),
    hard: fraction
      .lt(1)
      .optional()
      .describe(
        'with method: binary-relax, fraction of the steps after which the weights are Q(V) (default 0.6)',
      ),
    layers: z
      .enum(['convolutions', 'all'])
      .default('convolutions')
      .describe('layers whose kernels are quantised: convolutions, or dense layers as well'),
    float: z
      .array(z.string().min(1).max(200))
      .max(1000)
      .default(['shortcuts'])
      .describe(
        'layers that keep float kernels: first and last (of the network), shortcuts (of its residual blocks), or names of layers; biases and batch norms are float in any case',
      ),
  })
  .check(({ value, issues }) => {
    const { scheme, variant, bits, method } = value;
    const refuse = (field: string, message: string): void => {
      issues.push({ code: 'custom', path: [field], message, input: value });
    };
    if (variant !== undefined && scheme !== 'ternary') refuse('variant', 'needs scheme: ternary');
    if (bits !== undefined && scheme !== 'uniform') refuse('bits', 'needs scheme: uniform');
    for (const field of ['start', 'growth', 'hard'] as const) {
      if (value[field] !== undefined && method !== 'binary-relax')
        refuse(field, 'needs method: binary-relax');
    }
  });

export type QuantisationConfig = z.output<typeof quantisation>;
