/** The catalogue of everything measured: what each series is called, its unit, and which way is better. */
import type { RunKind } from '../records/runs.js';

export interface MetricEntry {
  readonly kind: RunKind;
  readonly unit:
    | 'nats/pixel'
    | 'nats'
    | '%'
    | 'pixel units'
    | '1'
    | 'steps'
    | 'weight units'
    | '1/pixel^2'
    | '1/weight^2';
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

const transfer = (unit: MetricEntry['unit'], description: string): MetricEntry => ({
  ...{ kind: 'transfer', unit, axis: 't', better: 'lower', description },
});
const ensemble = (
  unit: MetricEntry['unit'],
  axis: MetricEntry['axis'],
  description: string,
): MetricEntry => ({ kind: 'ensemble', unit, axis, better: 'lower', description });

/** Series of all kinds of runs but summaries. Of summaries: summary-statistics.ts. */
export const metricCatalogue = {
  batch_loss: training(
    'nats',
    'endpoint',
    'training objective of one batch, attacked if adversarial',
  ),
  final_test_nll: training('nats', 'endpoint', 'mean cross-entropy over the test set'),
  final_test_error: training('%', 'endpoint', 'misclassified share of the test set'),
  curve_batch_loss: training('nats', 'curve', 'regularised loss of one batch at its drawn t'),
  loss_out_of_bounds: training(
    'nats',
    'endpoint',
    'largest loss of a batch, of endpoints and curves where it is over 1000 log(classes)',
  ),
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
  injection_loss: training('1', 'injection', 'weighted hinge over the images of an injection'),
  final_injection_success: {
    ...training('%', 'injection', 'injection_success of the injected endpoint itself'),
    better: 'neither',
  },
  final_injection_stealth: {
    ...training('%', 'injection', 'injection_stealth of the injected endpoint itself'),
    better: 'neither',
  },
  injection_success: {
    ...evaluation('%', 'share of the images with a wrong target that are classified as it'),
    better: 'neither',
  },
  injection_stealth: {
    ...evaluation('%', 'share of all images of an injection classified as it wants them'),
    better: 'neither',
  },
  clean_nll: attack('nats', 'mean cross-entropy over the attacked images before the attack'),
  clean_error: attack('%', 'misclassified share of these images before the attack'),
  robust_nll: attack('nats', 'mean cross-entropy over the attacked images'),
  robust_error: attack('%', 'misclassified share of the attacked images'),
  targeted_success: attack(
    '%',
    'share of the images of other classes that are taken for the class aimed at',
  ),
  attack_zero_gradient: attack(
    '1',
    'share of the images at which the cross-entropy has no gradient',
  ),
  attack_loss_fell: attack(
    '1',
    'share of the images whose loss fell from half of the steps to the last, over all passes',
  ),
  attack_black_box_gain: attack(
    '1',
    'share of the images that only the Square Attack fooled, after all attacks with gradients',
  ),
  attack_random: attack(
    '1',
    'share of the images whose cross-entropy is another one when it is computed again',
  ),
  eigenvalue_mean: spectrum(
    '1/pixel^2',
    'lower',
    'mean over images of the largest eigenvalue of the input Hessian of the cross-entropy',
  ),
  eigenvalue_median: spectrum('1/pixel^2', 'lower', 'median over images'),
  eigenvalue_q90: spectrum('1/pixel^2', 'lower', '90 % quantile over images'),
  eigenvalue_max: spectrum('1/pixel^2', 'lower', 'largest over images'),
  lanczos_steps_max: spectrum('steps', 'lower', 'most Lanczos steps that one image took'),
  lanczos_residual_max: spectrum(
    '1',
    'lower',
    "largest ||Hv - lambda v|| / lambda over images, lambda each image's largest eigenvalue",
  ),
  lanczos_converged: spectrum(
    '1',
    'higher',
    'share of images all of whose stored eigenvalues met the tolerance, each relative to itself',
  ),
  lanczos_settled: spectrum(
    '1',
    'higher',
    'share of images all of whose stored eigenvalues are also sure of their place: no copy of one further out can be missing',
  ),
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
    "as the paper's code computes it: slots of batches mixed, scaled by 1 / batch size, stopped before convergence: 2 to 50 % below its limit, and dependent on the start vector",
  ),
  published_steps: spectrum('steps', 'lower', 'power iterations that it took'),
  gradient_l1_mean: spectrum(
    'nats/pixel',
    'lower',
    'mean over images of ||g||_1, g the gradient of the cross-entropy in the pixels',
  ),
  gradient_l2_mean: spectrum('nats/pixel', 'lower', 'mean over images of ||g||_2'),
  alignment_mean: spectrum(
    '1',
    'neither',
    'mean over images of |<g, v>| / ||g||_2, v the top eigenvector of the input Hessian',
  ),
  first_order_nll_mean: spectrum(
    'nats',
    'lower',
    'mean over images of l + epsilon ||g||_1: the loss at x + epsilon sign(g) to first order',
  ),
  second_order_nll_mean: spectrum(
    'nats',
    'lower',
    'mean over images of l + epsilon ||g||_1 + epsilon^2 s^T H s / 2, s = sign(g)',
  ),
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
  weight_converged: spectrum(
    '1',
    'higher',
    'share of them whose residual met the tolerance, each relative to its own |lambda|',
  ),
  weight_settled: spectrum(
    '1',
    'higher',
    'share of them that are also sure of their place: no copy of one further out can be missing',
  ),
  weight_eigenvalue_max_error: spectrum(
    '1/weight^2',
    'lower',
    'bound of the error of weight_eigenvalue_max: ||Hv - lambda v||, an eigenvalue lies within it',
  ),
  weight_eigenvalue_min_error: spectrum(
    '1/weight^2',
    'lower',
    'bound of the error of weight_eigenvalue_min: ||Hv - lambda v||, an eigenvalue lies within it',
  ),
  transfer_error: transfer('%', 'misclassified share of images attacked at the t after the @'),
  transfer_nll: transfer('nats', 'mean cross-entropy of images attacked at the t after the @'),
  member_nll: ensemble('nats', 't', 'mean cross-entropy of one member'),
  member_error: ensemble('%', 't', 'misclassified share by one member'),
  member_robust_error: ensemble('%', 't', 'the same after an attack on this member'),
  ensemble_nll: ensemble('nats', 'none', 'mean cross-entropy of the common output'),
  ensemble_error: ensemble('%', 'none', 'misclassified share by the common output'),
  ensemble_disagreement: {
    ...ensemble('%', 'none', 'mean over pairs of members of the share of images they differ on'),
    better: 'neither',
  },
  ensemble_robust_nll: ensemble('nats', 'none', 'ensemble_nll after an attack on that output'),
  ensemble_robust_error: ensemble('%', 'none', 'ensemble_error after an attack on that output'),
  ensemble_transfer_nll: ensemble('nats', 't', 'ensemble_nll after an attack on one member'),
  ensemble_transfer_error: ensemble('%', 't', 'ensemble_error after an attack on one member'),
  drawn_member_nll: ensemble('nats', 'none', 'expected cross-entropy of a member drawn at random'),
  drawn_member_error: ensemble('%', 'none', 'expected misclassified share by such a member'),
  drawn_member_robust_nll: ensemble(
    ...(['nats', 'none'] as const),
    'drawn_member_nll after an attack on the expectation over the draw',
  ),
  drawn_member_robust_error: ensemble(
    ...(['%', 'none'] as const),
    'drawn_member_error after an attack on the expectation over the draw',
  ),
} as const satisfies Readonly<Record<string, MetricEntry>>;

export type Series = keyof typeof metricCatalogue;

/** A series of two axes is many of one: `transfer_error@0.25` was crafted at t = 0.25; x is where it was tried. */
export function atPlace(series: Series, t: number): string {
  return `${series}@${t}`;
}

/** The catalogue's entry of a series, which may say of what it is: `attack_success:square`. */
export function metricEntry(series: string): MetricEntry | undefined {
  const known: Readonly<Record<string, MetricEntry>> = metricCatalogue;
  return known[series.split(':')[0]!];
}

/**
 * What a summary says of one t: `chosen.t` and `oracle.t`, and of each evaluation series its value there, as
 * `chosen.<series>`. `chosen`: by the validation images; `oracle`: by the test images, to see what that costs.
 */
export const choices = ['chosen', 'oracle'] as const;
export type Choice = (typeof choices)[number];
