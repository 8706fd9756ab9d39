/** Curvature of the loss in the inputs: its part of the experiment file, and what a run needs to know. */
import { z } from 'zod';
import { pixels, points, positive, seed } from '../../config/fields.js';
import type { MeasurementSpec } from '../../specs/path.js';
import type { Shared } from '../../specs/fields.js';
import { inNumbers } from '../../in-numbers.js';
import { twoEndsFit, twoEndsReason } from './two-ends.js';

/** Images per batch of the eigenvalue that `compat: published` adds, as in the paper's code. */
const publishedBatchSize = 200;

/** Spectra of each image's own cross-entropy, in its pixels. */
export interface InputSpectrumSpec extends Shared, MeasurementSpec {
  readonly kind: 'spectrum';
  readonly variable: 'inputs';
  readonly operator: 'gauss-newton' | 'hessian';
  readonly split?: never;
  readonly maxSteps: number;
  readonly tolerance: number;
  /** Number of eigenvalues at each end; absent: the largest alone. */
  readonly top?: number;
  /** Also the largest eigenvalue of the mean over the images. */
  readonly meanHessian?: true;
  /** Also the norms of each image's gradient, and its alignment with the top eigenvector. */
  readonly gradients?: true;
  /** Also the loss at x + epsilon sign(gradient), to first and to second order. */
  readonly prediction?: { readonly epsilon: number };
  /** Also the eigenvalue of the paper's code: power iteration on sums over batches of mean losses. */
  readonly published?: {
    readonly batchSize: number;
    readonly reduction: 'mean';
    readonly maxSteps: number;
    /** Absolute: of two consecutive estimates. */
    readonly tolerance: number;
  };
}

export const inputSpectrumSection = z
  .strictObject({
    images: z.int().min(1).describe('number of test images, from the first'),
    points,
    seed: seed.default(1),
    operator: z
      .enum(['gauss-newton', 'hessian'])
      .default('gauss-newton')
      .describe('J^T S J, cheap, and exact for ReLU and max-pool networks; or the Hessian itself'),
    maxSteps: z.int().min(2).max(200).default(12).describe('maximum Lanczos steps per image'),
    tolerance: positive
      .max(1)
      .default(1e-4)
      .describe('relative residual at which an eigenvalue has converged'),
    top: z
      .int()
      .min(1)
      .max(50)
      .optional()
      .describe(
        'number of largest and of smallest eigenvalues to store per image, with operator: hessian (default: the largest alone)',
      ),
    meanHessian: z
      .boolean()
      .optional()
      .describe('also the largest eigenvalue of the mean Hessian (default false)'),
    gradients: z
      .boolean()
      .optional()
      .describe(
        "also the norms of each image's gradient, and its alignment with the top eigenvector (default false)",
      ),
    prediction: z
      .strictObject({
        epsilon: pixels(positive.max(1)).describe(
          'radius of the l-infinity ball, in [0,1] pixel units; a number, or a fraction such as 8/255',
        ),
      })
      .optional()
      .describe(
        'also the first- and second-order approximation of the loss at the worst first-order step in the ball (off by default)',
      ),
    compat: z
      .enum(['published'])
      .optional()
      .describe(
        "published: also the eigenvalue as the paper's code computes it, over whole batches of 200 images",
      ),
  })
  .refine(({ top, operator }) => top === undefined || operator === 'hessian', {
    path: ['top'],
    message: 'both ends of the spectrum need operator: hessian',
  })
  .refine(twoEndsFit, { path: ['top'], message: twoEndsReason })
  .refine(({ compat, images }) => compat === undefined || images >= publishedBatchSize, {
    path: ['images'],
    message: `compat: published needs a whole batch of ${publishedBatchSize} images`,
  });

type Section = z.output<typeof inputSpectrumSection>;

/** As the paper's driver sets them (IBM/model-sanitization, Hessian/hessian_eig_driver.py). */
const published = {
  batchSize: publishedBatchSize,
  reduction: 'mean',
  maxSteps: 10,
  tolerance: 1e-2,
} as const;

/** Without the fields of the path; what is absent is not in the key. */
export function inputSpectrumFields(section: Section) {
  const { seed, operator, images, maxSteps, tolerance, top, meanHessian, compat } = section;
  const { gradients, prediction } = section;
  return {
    kind: 'spectrum',
    variable: 'inputs',
    ...{ seed, operator, images, maxSteps, tolerance },
    ...(top === undefined ? {} : { top }),
    ...(meanHessian === true ? { meanHessian } : {}),
    ...(gradients === true ? { gradients } : {}),
    ...(prediction === undefined ? {} : { prediction: inNumbers(prediction) }),
    ...(compat === 'published' ? { published } : {}),
  } as const;
}
