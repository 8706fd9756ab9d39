/** Series of the summary of a path: statistics of other series, each named after the series it is computed from. */
import type { NamesIn, SeriesTable } from './entry.js';
import type { evaluationSeries } from './evaluation.js';
import type { spectrumSeries } from './spectrum.js';

/** Unit `1`: no unit whatever the series; `series`: the unit of the series. */
interface Statistic {
  readonly unit: 'series' | '1';
  readonly description: string;
}
type Statistics = Readonly<Record<string, Statistic>>;

const inUnits = (description: string): Statistic => ({ unit: 'series', description });
const unitless = (description: string): Statistic => ({ unit: '1', description });

/** `<series>.<statistic>` for each evaluation series. `integral` is stored under its first name. */
export const summaryStatistics = {
  min: inUnits('minimum over the measured t'),
  max: inUnits('maximum over the measured t'),
  mean: inUnits('mean over the measured t'),
  integral: inUnits('mean over arc length: (1/S) times the integral of L ds on a path of length S'),
} as const satisfies Statistics;
export type SummaryStatistic = keyof typeof summaryStatistics;

/** Names for people. */
export const summaryNames: Readonly<Record<SummaryStatistic, string>> = {
  min: 'min',
  max: 'max',
  mean: 'mean over t',
  integral: 'mean over arc length',
};

/** `<attack>.<series>.<statistic>` for each attack series. */
export type AttackStatistic = 'min' | 'max';

/**
 * `<certificate>.<certifiedError>:<method>:<epsilon>.<statistic>`: statistics of 100 - certified_accuracy, for each radius
 * above 0.
 */
export const certifiedError = 'certified_error';

/** `<series>.<statistic>` and `<attack>.<series>.<statistic>`. */
export const barrierStatistics = {
  barrier: inUnits('largest rise above the straight line between the values at the ends'),
  barrier_at: unitless('t of barrier'),
  barrier_over_mean: inUnits('largest value minus the mean of the values at the ends'),
  barrier_over_mean_at: unitless('t of barrier_over_mean'),
} as const satisfies Statistics;
export type BarrierStatistic = keyof typeof barrierStatistics;

/** `arc_length.total`. */
export const lengthStatistics = {
  total: inUnits('length of the path'),
} as const satisfies Statistics;

/**
 * `<attack>.<correlation>.<predictor>`: correlation along t of an attack's robust_nll with a series of the spectrum;
 * `.low` and `.high` end its interval.
 */
export const correlations = {
  pearson: unitless('Pearson correlation'),
  spearman: unitless('Spearman rank correlation'),
  partial: unitless('Pearson correlation given gradient_l1_mean'),
} as const satisfies Statistics;
export type Correlation = keyof typeof correlations;

/** `<attack>.<statistic>`: the correlations with the main predictor. */
export const attackCorrelations = {
  pearson: unitless('Pearson correlation of robust_nll with eigenvalue_mean along t'),
  spearman: unitless('Spearman rank correlation of robust_nll with eigenvalue_mean along t'),
  correlation_points: unitless('number of t that the correlations of the attack are over'),
} as const satisfies Statistics;

/** A summary stores statistics of other series (`SummaryName`), and none of its own. */
export const summarySeries = {} as const satisfies SeriesTable;

type SpectrumName = keyof typeof spectrumSeries;

/** The predictor of `<attack>.pearson` and `<attack>.spearman`. */
export const mainPredictor = 'eigenvalue_mean' satisfies SpectrumName;
/** The series that `partial` conditions on. */
export const takenOut = 'gradient_l1_mean' satisfies SpectrumName;

export const predictors = [
  mainPredictor,
  'mean_hessian_eigenvalue',
  'published_eigenvalue',
  takenOut,
  'gradient_l2_mean',
  'first_order_nll_mean',
  'second_order_nll_mean',
] as const satisfies readonly SpectrumName[];
export type Predictor = (typeof predictors)[number];

/** `<choice>.t` and `<choice>.<series>`: a t chosen for the path, and each evaluation series there. */
export const choices = {
  chosen: 'by the held-out bonafide images',
  oracle: 'by the test images, which shows what the choice costs',
} as const;
export type Choice = keyof typeof choices;

type EvaluationName = NamesIn<typeof evaluationSeries>;
type End = '' | '.low' | '.high';

/** Statistics that a summary computes from a series, an attack, or an attack's series. */
export type StatisticName =
  | SummaryStatistic
  | AttackStatistic
  | BarrierStatistic
  | keyof typeof lengthStatistics
  | keyof typeof attackCorrelations
  | `${Correlation}.${Predictor}${End}`;

export type SummaryName = `${string}.${StatisticName}` | `${Choice}.${'t' | EvaluationName}`;

/** Unit of a summary series; null for a name that is none. Read from its end: names of attacks may have dots. */
export function statisticUnit(name: string, unitOf: (series: string) => string | null) {
  const parts = name.split('.');
  if (parts.slice(-3).some((part) => Object.keys(correlations).includes(part))) return '1';
  const statistic = parts.at(-1)!;
  // A radius has a dot of its own.
  if (name.includes(`.${certifiedError}:`)) return statistic.endsWith('_at') ? '1' : '%';
  if (statistic === 'correlation_points' || statistic.endsWith('_at')) return '1';
  return parts.length > 1 ? unitOf(parts.at(-2)!) : null;
}
