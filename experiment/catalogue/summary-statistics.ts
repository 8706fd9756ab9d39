/** What the summary of a path holds, and what each of its statistics is called. */
import type { Series } from './metrics.js';

/** Of each evaluation series, as `<series>.<statistic>`; `integral`: (1 / S) ∫ L ds along the path of length S. */
export const summaryStatistics = ['min', 'max', 'mean', 'integral'] as const;
export type SummaryStatistic = (typeof summaryStatistics)[number];

/** For people. `integral` is stored under the name that it had first. */
export const summaryNames: Readonly<Record<SummaryStatistic, string>> = {
  min: 'min',
  max: 'max',
  mean: 'mean over t',
  integral: 'mean over arc length',
};

/** Of each attacked series, as `<attack>.<series>.<statistic>`. */
export const attackStatistics = ['min', 'max'] as const;

/** Above the line between the ends, and above their mean; `_at`: the t of either. Of both kinds of series. */
export const barrierStatistics = [
  'barrier',
  'barrier_at',
  'barrier_over_mean',
  'barrier_over_mean_at',
] as const;
export type BarrierStatistic = (typeof barrierStatistics)[number];

/**
 * Of an attack's robust_nll with a series of the spectrum along t, as `<attack>.<correlation>.<predictor>`
 * with `.low` and `.high`; `partial`: Pearson, once the gradient's l1 norm is taken out of both.
 */
export const correlations = ['pearson', 'spearman', 'partial'] as const;
export type Correlation = (typeof correlations)[number];

/** The one that `<attack>.pearson` and `<attack>.spearman` are of. */
export const mainPredictor = 'eigenvalue_mean' satisfies Series;
/** What `partial` takes out. */
export const takenOut = 'gradient_l1_mean' satisfies Series;

export const predictors = [
  mainPredictor,
  'mean_hessian_eigenvalue',
  'published_eigenvalue',
  takenOut,
  'gradient_l2_mean',
  'first_order_nll_mean',
  'second_order_nll_mean',
] as const satisfies readonly Series[];
export type Predictor = (typeof predictors)[number];

/** Of a statistic; null for what is none. Names of attacks may have dots: it is read from its end. */
export function statisticUnit(name: string, unitOf: (series: string) => string | null) {
  const parts = name.split('.');
  if (parts.slice(-3).some((part) => (correlations as readonly string[]).includes(part)))
    return '1';
  const statistic = parts.at(-1)!;
  if (statistic === 'correlation_points' || statistic.endsWith('_at')) return '1';
  return parts.length > 1 ? unitOf(parts.at(-2)!) : null;
}
