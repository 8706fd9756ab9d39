/** What an experiment file may say about curvature: in the inputs, and in the weights. */
import { z } from 'zod';
import { pixels, points, positive, seed } from './fields.js';

const twoEndsReason = 'both ends need at least as many Lanczos steps: raise maxSteps';

function twoEndsFit({ top = 0, maxSteps }: { top?: number | undefined; maxSteps: number }) {
  return 2 * top <= maxSteps;
}

/** Images per batch of the eigenvalue that `compat: published` adds, as in the paper's code. */
export const publishedBatchSize = 200;

export const spectrum = z
  .strictObject({
    images: z.int().min(1).describe('how many test images, from the first'),
    points,
    seed: seed.default(1),
    operator: z
      .enum(['gauss-newton', 'hessian'])
      .default('gauss-newton')
      .describe('J^T S J, exact for ReLU and max-pool networks and cheap; or the Hessian itself'),
    maxSteps: z.int().min(2).max(200).default(12).describe('most Lanczos steps for one image'),
    tolerance: positive
      .max(1)
      .default(1e-4)
      .describe('residual at which an eigenvalue has converged, relative to itself'),
    top: z
      .int()
      .min(1)
      .max(50)
      .optional()
      .describe(
        'how many eigenvalues of each end to store of every image, with operator: hessian; the largest alone if left out',
      ),
    meanHessian: z
      .boolean()
      .optional()
      .describe('also the largest eigenvalue of the mean of the Hessians; not if left out'),
    gradients: z
      .boolean()
      .optional()
      .describe(
        "also the norms of each image's gradient, and how it lies to the top eigenvector; not if left out",
      ),
    prediction: z
      .strictObject({
        epsilon: pixels(positive.max(1)).describe(
          'radius of the l-infinity ball, in [0,1] pixel units; a number, or a fraction such as 8/255',
        ),
      })
      .optional()
      .describe(
        'also the loss at the worst first-order step of the ball, to first and to second order; not if left out',
      ),
    compat: z
      .enum(['published'])
      .optional()
      .describe(
        'published: also the eigenvalue as the code of the paper computes it, over whole batches of 200 images',
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

export const weightSpectrum = z
  .strictObject({
    images: z.int().min(1).describe('how many images, from the first; their mean loss counts'),
    split: z.enum(['train', 'test']).default('train').describe('of which set'),
    points,
    seed: seed.default(1),
    top: z.int().min(1).max(50).default(1).describe('how many eigenvalues of each end'),
    maxSteps: z.int().min(2).max(500).default(60).describe('most Lanczos steps at one t'),
    tolerance: positive
      .max(1)
      .default(1e-3)
      .describe('residual at which an eigenvalue has converged, relative to itself'),
    trace: z
      .strictObject({ probes: z.int().min(2).max(10_000).default(16) })
      .optional()
      .describe('estimate the trace from products with random signs; not if left out'),
    density: z
      .strictObject({
        probes: z.int().min(1).max(1000).default(2),
        steps: z.int().min(2).max(500).default(40).describe('Lanczos steps of each probe'),
      })
      .optional()
      .describe('estimate the density of all eigenvalues; not if left out'),
  })
  .refine(twoEndsFit, { path: ['top'], message: twoEndsReason });

export type SpectrumConfig = z.output<typeof spectrum>;
export type WeightSpectrumConfig = z.output<typeof weightSpectrum>;
