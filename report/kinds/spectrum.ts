/** Curvature along a path: of the loss in the pixels, and of the loss in the weights. */
import type { SeriesName } from '../../experiment/kinds/series.js';
import { spectrumFigures } from '../figures/figures.js';
import type { Presentation } from './presentation.js';

const inputColumns = {
  eigenvalue_mean: 'mean top eigenvalue',
  published_eigenvalue: 'published eigenvalue (unconverged)',
  mean_hessian_eigenvalue: 'top of mean Hessian',
} as const satisfies Partial<Record<SeriesName<'spectrum'>, string>>;

const weightColumns = {
  weight_eigenvalue_max: 'largest weight eigenvalue',
  weight_eigenvalue_max_error: 'largest ±',
  weight_eigenvalue_min: 'smallest weight eigenvalue',
  weight_eigenvalue_min_error: 'smallest ±',
  weight_trace: 'weight trace',
} as const satisfies Partial<Record<SeriesName<'spectrum'>, string>>;

export const spectrumPresentation: Presentation<'spectrum'> = {
  shown: [
    ...(Object.keys(inputColumns) as (keyof typeof inputColumns)[]),
    ...(Object.keys(weightColumns) as (keyof typeof weightColumns)[]),
    ...(['first_order_nll_mean', 'second_order_nll_mean'] as const),
  ],
  columns: ({ fitted: { spectrum, weightSpectrum } }) => [
    ...Object.entries(inputColumns).map(([series, head]) => ({
      ...{ head, points: spectrum?.series[series] ?? [] },
    })),
    ...Object.entries(weightColumns).map(([series, head]) => ({
      ...{ head, points: weightSpectrum?.series[series] ?? [] },
    })),
  ],
  figures: spectrumFigures,
};
