/** Series of the curvature along a path: of the loss in the pixels, and of the loss in the weights. */
import type { SeriesEntry, SeriesTable } from './entry.js';

const along = (
  unit: SeriesEntry['unit'],
  better: SeriesEntry['better'],
  description: string,
): SeriesEntry => ({ unit, axis: 't', better, description });

export const inputSpectrumSeries = {
  eigenvalue_mean: along(
    '1/pixel^2',
    'lower',
    'mean over images of the largest eigenvalue of the input Hessian of the cross-entropy',
  ),
  eigenvalue_median: along('1/pixel^2', 'lower', 'median over images of that eigenvalue'),
  eigenvalue_q90: along('1/pixel^2', 'lower', '90 % quantile over images of that eigenvalue'),
  eigenvalue_max: along('1/pixel^2', 'lower', 'maximum over images of that eigenvalue'),
  lanczos_steps_max: along('steps', 'lower', 'most Lanczos steps that an image took'),
  lanczos_residual_max: along(
    '1',
    'lower',
    "largest ||Hv - lambda v|| / lambda over images, lambda each image's largest eigenvalue",
  ),
  lanczos_converged: along(
    '1',
    'higher',
    'fraction of the images all of whose stored eigenvalues met the tolerance, each relative to itself',
  ),
  closed_form_difference_max: along(
    '1',
    'lower',
    'largest relative difference from the C x C closed form over images',
  ),
  lanczos_settled: along(
    '1',
    'higher',
    'fraction of the images all of whose stored eigenvalues are also certain of their rank: no copy of a more extreme one can be missing',
  ),
  mean_hessian_eigenvalue: along(
    '1/pixel^2',
    'lower',
    'largest eigenvalue of the mean over images of their input Hessians',
  ),
  mean_hessian_residual: along(
    '1',
    'lower',
    '||Hv - lambda v|| / lambda of mean_hessian_eigenvalue',
  ),
  published_eigenvalue: along(
    '1/pixel^2',
    'lower',
    "as the paper's code computes it: slots of batches mixed, scaled by 1 / batch size, stopped before convergence: 2 to 50 % below its limit, and dependent on the start vector",
  ),
  published_steps: along('steps', 'lower', 'power iterations of published_eigenvalue'),
} as const satisfies SeriesTable;

export const gradientSeries = {
  gradient_l1_mean: along(
    'nats/pixel',
    'lower',
    'mean over images of ||g||_1, g the gradient of the cross-entropy in the pixels',
  ),
  gradient_l2_mean: along('nats/pixel', 'lower', 'mean over images of ||g||_2'),
  alignment_mean: along(
    '1',
    'neither',
    'mean over images of |<g, v>| / ||g||_2, v the top eigenvector of the input Hessian',
  ),
  first_order_nll_mean: along(
    'nats',
    'lower',
    'mean over images of l + epsilon ||g||_1: the loss at x + epsilon sign(g) to first order',
  ),
  second_order_nll_mean: along(
    'nats',
    'lower',
    'mean over images of l + epsilon ||g||_1 + epsilon^2 s^T H s / 2, s = sign(g)',
  ),
} as const satisfies SeriesTable;

export const weightSpectrumSeries = {
  weight_eigenvalue_max: along(
    '1/weight^2',
    'lower',
    'largest eigenvalue of the weight Hessian of the mean cross-entropy, without weight decay',
  ),
  weight_eigenvalue_min: along(
    '1/weight^2',
    'neither',
    'smallest eigenvalue of the weight Hessian',
  ),
  weight_trace: along(
    '1/weight^2',
    'lower',
    "Hutchinson's estimate of the trace of the weight Hessian",
  ),
  weight_trace_error: along('1/weight^2', 'lower', 'standard error of weight_trace'),
  weight_lanczos_steps: along('steps', 'lower', 'Lanczos steps for both ends of the spectrum'),
  weight_residual_max: along(
    '1',
    'lower',
    'largest ||Hv - lambda v|| over the requested eigenvalues, relative to the largest |lambda|',
  ),
  weight_converged: along(
    '1',
    'higher',
    'fraction of the requested eigenvalues whose residual met the tolerance, each relative to its own |lambda|',
  ),
  weight_eigenvalue_max_error: along(
    '1/weight^2',
    'lower',
    'error bound of weight_eigenvalue_max: ||Hv - lambda v||, an eigenvalue lies within it',
  ),
  weight_eigenvalue_min_error: along(
    '1/weight^2',
    'lower',
    'error bound of weight_eigenvalue_min: ||Hv - lambda v||, an eigenvalue lies within it',
  ),
  weight_settled: along(
    '1',
    'higher',
    'fraction of the requested eigenvalues that are also certain of their rank: no copy of a more extreme one can be missing',
  ),
} as const satisfies SeriesTable;

export const spectrumSeries = {
  ...inputSpectrumSeries,
  ...gradientSeries,
  ...weightSpectrumSeries,
} as const satisfies SeriesTable;
