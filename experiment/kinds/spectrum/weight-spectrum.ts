/** Curvature of the loss in the weights: its part of the experiment file, and what a run needs to know. */
import { z } from 'zod';
import { points, positive, seed } from '../../config/fields.js';
import type { MeasurementSpec } from '../../specs/path.js';
import type { Shared } from '../../specs/fields.js';
import { twoEndsFit, twoEndsReason } from './two-ends.js';

/** Spectrum of the mean cross-entropy of a set of images, in the weights; without weight decay. */
export interface WeightSpectrumSpec extends Shared, MeasurementSpec {
  readonly kind: 'spectrum';
  readonly variable: 'weights';
  readonly split: 'train' | 'test';
  readonly reduction: 'mean';
  /** Number of eigenvalues at each end. */
  readonly top: number;
  readonly maxSteps: number;
  readonly tolerance: number;
  readonly trace?: { readonly probes: number };
  readonly density?: { readonly probes: number; readonly steps: number };
}

export const weightSpectrumSection = z
  .strictObject({
    images: z
      .int()
      .min(1)
      .describe('number of images, from the first, over which the loss is averaged'),
    split: z.enum(['train', 'test']).default('train').describe('set that the images are from'),
    points,
    seed: seed.default(1),
    top: z
      .int()
      .min(1)
      .max(50)
      .default(1)
      .describe('number of largest and of smallest eigenvalues'),
    maxSteps: z.int().min(2).max(500).default(60).describe('maximum Lanczos steps at one t'),
    tolerance: positive
      .max(1)
      .default(1e-3)
      .describe('relative residual at which an eigenvalue has converged'),
    trace: z
      .strictObject({ probes: z.int().min(2).max(10_000).default(16) })
      .optional()
      .describe('estimate the trace with Rademacher probes (off by default)'),
    density: z
      .strictObject({
        probes: z.int().min(1).max(1000).default(2),
        steps: z.int().min(2).max(500).default(40).describe('Lanczos steps of each probe'),
      })
      .optional()
      .describe('estimate the spectral density (off by default)'),
  })
  .refine(twoEndsFit, { path: ['top'], message: twoEndsReason });

type Section = z.output<typeof weightSpectrumSection>;

/** Without the fields of the path; what is absent is not in the key. */
export function weightSpectrumFields(section: Section) {
  const { seed, split, images, top, maxSteps, tolerance, trace, density } = section;
  return {
    kind: 'spectrum',
    variable: 'weights',
    reduction: 'mean',
    ...{ seed, split, images, top, maxSteps, tolerance },
    ...(trace === undefined ? {} : { trace }),
    ...(density === undefined ? {} : { density }),
  } as const;
}

/** Hessian-vector products per image and t. */
export function weightProducts({ maxSteps, trace, density }: WeightSpectrumSpec): number {
  return maxSteps + (trace?.probes ?? 0) + (density ? density.probes * density.steps : 0);
}
