/** The catalogue of everything measured: what each series is called, its unit, and which way is better. */
import type { RunKind } from './runs.js';

export interface MetricEntry {
  readonly kind: RunKind;
  readonly unit:
    'nats' | '%' | 'pixel units' | '1' | 'steps' | 'weight units' | '1/pixel^2' | '1/weight^2';
  /** What x counts. */
  readonly axis: 't' | 'step' | 'none';
  readonly better: 'lower' | 'higher' | 'neither';
  readonly description: string;
}

const evaluation = (unit: MetricEntry['unit'], description: string): MetricEntry => ({
  kind: 'evaluation',
  unit,
  axis: 't',
  better: 'lower',
  description,
});
const attack = (unit: MetricEntry['unit'], description: string): MetricEntry => ({
  ...evaluation(unit, description),
  kind: 'attack',
});
const spectrum = (
  unit: MetricEntry['unit'],
  better: MetricEntry['better'],
  description: string,
): MetricEntry => ({ kind: 'spectrum', unit, axis: 't', better, description });
const training = (unit: MetricEntry['unit'], kind: RunKind, description: string): MetricEntry => ({
  kind,
  unit,
  axis: 'step',
  better: 'lower',
  description,
});

/** Series of endpoint, curve, evaluation, attack and spectrum runs. Summaries: `summaryEntry`. */
export const metricCatalogue = {
  batch_loss: training(
    'nats',
    'endpoint',
    'training objective of one batch, attacked if adversarial',
  ),
  final_test_nll: training('nats', 'endpoint', 'mean cross-entropy over the test set'),
  final_test_error: training('%', 'endpoint', 'misclassified share of the test set'),
  curve_batch_loss: training('nats', 'curve', 'regularised loss of one batch at its drawn t'),
  train_nll: evaluation('nats', 'mean cross-entropy over the training set'),
  train_loss: evaluation('nats', 'train_nll plus half the weight decay times ||w(t)||^2'),
  train_error: evaluation('%', 'misclassified share of the training set'),
  test_nll: evaluation('nats', 'mean cross-entropy over the test set'),
  test_loss: evaluation('nats', 'test_nll plus half the weight decay times ||w(t)||^2'),
  test_error: evaluation('%', 'misclassified share of the test set'),
  validation_nll: evaluation('nats', 'mean cross-entropy over the held-out bonafide images'),
  validation_error: evaluation('%', 'misclassified share of the held-out bonafide images'),
  attack_success: evaluation(
    '%',
    'share of the triggered test images, without those of the target class, that are classified as the target',
  ),
  arc_length: {
    ...evaluation('weight units', 'length of the path from t = 0 over the measured points'),
    better: 'neither',
  },
  clean_nll: attack('nats', 'mean cross-entropy over the attacked images before the attack'),
  clean_error: attack('%', 'misclassified share of these images before the attack'),
  robust_nll: attack('nats', 'mean cross-entropy over the attacked images'),
  robust_error: attack('%', 'misclassified share of the attacked images'),
  eigenvalue_mean: spectrum(
    '1/pixel^2',
    'lower',
    'mean over images of the largest eigenvalue of the input Hessian of the cross-entropy',
  ),
  eigenvalue_median: spectrum('1/pixel^2', 'lower', 'median over images'),
  eigenvalue_q90: spectrum('1/pixel^2', 'lower', '90 % quantile over images'),
  eigenvalue_max: spectrum('1/pixel^2', 'lower', 'largest over images'),
  lanczos_steps_max: spectrum('steps', 'lower', 'most Lanczos steps that one image took'),
  lanczos_residual_max: spectrum('1', 'lower', 'largest ||Hv - lambda v|| / lambda over images'),
  lanczos_converged: spectrum('1', 'higher', 'share of images whose residual met the tolerance'),
  closed_form_difference_max: spectrum(
    '1',
    'lower',
    'largest relative difference from the C x C closed form over images',
  ),
  probe_index: {
    kind: 'probe',
    unit: '1',
    axis: 'none',
    better: 'neither',
    description: 'which of the probes this one is; written to show that it was carried out',
  },
  mean_hessian_eigenvalue: spectrum(
    '1/pixel^2',
    'lower',
    'largest eigenvalue of the mean over images of their input Hessians',
  ),
  mean_hessian_residual: spectrum('1', 'lower', 'its ||Hv - lambda v|| / lambda'),
  published_eigenvalue: spectrum(
    '1/pixel^2',
    'lower',
    "as the paper's code computes it: slots of batches mixed, scaled by 1 / batch size",
  ),
  published_steps: spectrum('steps', 'lower', 'power iterations that it took'),
  weight_eigenvalue_max: spectrum(
    '1/weight^2',
    'lower',
    'largest eigenvalue of the weight Hessian of the mean cross-entropy, without weight decay',
  ),
  weight_eigenvalue_min: spectrum('1/weight^2', 'neither', 'smallest eigenvalue of the same'),
  weight_trace: spectrum('1/weight^2', 'lower', "trace of the same by Hutchinson's estimate"),
  weight_trace_error: spectrum('1/weight^2', 'lower', 'standard error of that estimate'),
  weight_lanczos_steps: spectrum('steps', 'lower', 'Lanczos steps that both ends took'),
  weight_residual_max: spectrum(
    '1',
    'lower',
    'largest ||Hv - lambda v|| over the eigenvalues asked for, relative to the largest |lambda|',
  ),
  weight_converged: spectrum('1', 'higher', 'share of them whose residual met the tolerance'),
} as const satisfies Readonly<Record<string, MetricEntry>>;

export type Series = keyof typeof metricCatalogue;

/** The catalogue's entry of a series, which may say of what it is: `attack_success:square`. */
export function metricEntry(series: string): MetricEntry | undefined {
  const known: Readonly<Record<string, MetricEntry>> = metricCatalogue;
  return known[series.split(':')[0]!];
}

/** Statistics a summary holds of each evaluation series, as `<series>.<statistic>`. */
export const summaryStatistics = ['min', 'max', 'mean', 'integral'] as const;
export type SummaryStatistic = (typeof summaryStatistics)[number];

/** Correlations a summary holds per attack, as `<attack>.<correlation>`: robust_nll against eigenvalue_mean. */
export const summaryCorrelations = ['pearson', 'spearman'] as const;

/**
 * What a summary says of one t: `chosen.t` and `oracle.t`, and of each evaluation series its value there, as
 * `chosen.<series>`. `chosen`: by the validation images; `oracle`: by the test images, to see what that costs.
 */
export const choices = ['chosen', 'oracle'] as const;
export type Choice = (typeof choices)[number];
