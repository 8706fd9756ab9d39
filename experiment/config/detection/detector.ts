/** Detectors by the distance to a data manifold, as experiment files and runs name them. */
import { z } from 'zod';
import { positive } from '../fields.js';

/** Space of the manifold: the pixels, the input of the network's last dense layer, or its output. */
export const detectionSpaces = ['pixels', 'penultimate', 'logits'] as const;
export type DetectionSpace = (typeof detectionSpaces)[number];

const k = z.int().min(1).max(1000).default(50);
const components = z.int().min(1).max(1000);

/** Fields of each estimator of the distance, by its name. */
export const estimators = {
  nearest: {
    estimator: z.literal('nearest').describe('mean distance to the k nearest references'),
    k: k.describe('number of neighbours'),
    norm: z.enum(['l2', 'linf']).default('l2').describe('norm of the distances'),
  },
  lle: {
    estimator: z
      .literal('lle')
      .describe('how badly the k nearest references reconstruct the point (LLE)'),
    k: k.describe('number of neighbours, in l2'),
    regulariser: z
      .number()
      .min(1e-6)
      .max(1)
      .default(1e-3)
      .describe('added to the diagonal of the Gram matrix, as a share of its trace'),
  },
  pca: {
    estimator: z.literal('pca').describe('residual of the leading principal components'),
    components: components.optional().describe('number of components; or give variance'),
    variance: z
      .number()
      .gt(0)
      .max(1)
      .optional()
      .describe('share of the variance that the components explain (default 0.95)'),
  },
  'local-pca': {
    estimator: z
      .literal('local-pca')
      .describe('residual of the leading principal components of the k nearest references'),
    k: k.describe('number of neighbours, in l2'),
    components: components.default(10).describe('number of components, below k'),
  },
  'kernel-density': {
    estimator: z
      .literal('kernel-density')
      .describe('negative log-density by Gaussian kernels at all references, nats'),
    bandwidth: z
      .union([positive, z.literal('likelihood')], {
        error: 'give a positive number, or likelihood',
      })
      .default('likelihood')
      .describe('standard deviation of the kernels, in the unit of the space; or likelihood'),
  },
} as const;

/** An estimator with its settings. */
export type DetectorSpec =
  | { readonly estimator: 'nearest'; readonly k: number; readonly norm: 'l2' | 'linf' }
  | { readonly estimator: 'lle'; readonly k: number; readonly regulariser: number }
  | ({ readonly estimator: 'pca' } & (
      { readonly components: number } | { readonly variance: number }
    ))
  | { readonly estimator: 'local-pca'; readonly k: number; readonly components: number }
  | { readonly estimator: 'kernel-density'; readonly bandwidth: number | 'likelihood' };
