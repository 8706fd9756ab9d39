/** Sparse training of endpoints in an experiment file. */
import { z } from 'zod';
import { fraction, positive } from '../fields.js';

const removal = z
  .strictObject({
    from: fraction.default(0.5),
    to: fraction.default(0.005),
  })
  .describe('fraction of the active weights removed at each rewiring, by a cosine over all steps');

const admm = z.strictObject({
  rho: positive
    .max(1000)
    .default(1e-4)
    .describe(
      'factor of half the squared distance to the sparse projection (published values of DNR are not known)',
    ),
});

/** Fields that only rewiring has. */
const rewiringFields = ['growth', 'redistribution', 'removal', 'every', 'admm'] as const;

export const sparsity = z
  .strictObject({
    density: positive
      .max(1)
      .describe(
        'fraction of the weights of convolutions and dense layers that are not zero; biases and batch norm stay dense',
      ),
    method: z
      .enum(['rewiring', 'fixed'])
      .default('rewiring')
      .describe(
        'rewiring: weights are removed and grown during training; fixed: the first mask stays',
      ),
    initial: z
      .enum(['uniform', 'erk'])
      .default('uniform')
      .describe('densities of the layers at first: equal, or by Erdős-Rényi with kernels (ERK)'),
    growth: z
      .enum(['momentum', 'gradient', 'random'])
      .optional()
      .describe(
        'where weights grow: at the largest momentum, at the largest gradient of the last batch (RigL), or anywhere (SET) (default momentum)',
      ),
    redistribution: z
      .enum(['momentum', 'none'])
      .optional()
      .describe(
        'over the layers by their mean momentum, or not: each layer keeps its number of weights (default momentum)',
      ),
    removal: removal.optional().describe('default from 0.5 to 0.005'),
    every: z
      .union([z.literal('epoch'), z.int().min(1)], { error: 'give epoch, or a number of steps' })
      .optional()
      .describe('rewire after every epoch but the last, or after so many steps (default epoch)'),
    admm: admm
      .optional()
      .describe(
        'regularisation towards the sparse projection, renewed at each rewiring (default: none)',
      ),
  })
  .check(({ value, issues }) => {
    if (value.method === 'rewiring') return;
    for (const field of rewiringFields) {
      if (value[field] === undefined) continue;
      const message = 'method: fixed rewires nothing; leave it out';
      issues.push({ code: 'custom', path: [field], message, input: value });
    }
  });

export type SparsityConfig = z.output<typeof sparsity>;
