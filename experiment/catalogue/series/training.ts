/** Series of runs that train, and of those that make an endpoint. */
import type { SeriesTable } from './entry.js';

/** Measured by every run whose result is an endpoint. */
const scoredSeries = {
  final_test_error: {
    unit: '%',
    axis: 'none',
    better: 'lower',
    description: 'misclassified fraction of the test set',
  },
  final_test_nll: {
    unit: 'nats',
    axis: 'none',
    better: 'lower',
    description: 'mean cross-entropy over the test set',
  },
} as const satisfies SeriesTable;

const boundedSeries = {
  loss_out_of_bounds: {
    unit: 'nats',
    axis: 'none',
    better: 'lower',
    description: 'largest loss of a batch, if it exceeded 1000 log(classes)',
  },
} as const satisfies SeriesTable;

/** Measured by every training of an endpoint. */
export const trainedSeries = {
  ...scoredSeries,
  ...boundedSeries,
  batch_loss: {
    unit: 'nats',
    axis: 'step',
    better: 'lower',
    description: 'training objective of one batch, under attack in adversarial training',
  },
} as const satisfies SeriesTable;

/** Measured by fast adversarial training. */
export const overfittingSeries = {
  held_out_fgsm_accuracy: {
    unit: '%',
    axis: 'step',
    better: 'higher',
    description:
      'in fast adversarial training: held-out images classified correctly under the attack of training',
  },
  held_out_pgd_accuracy: {
    unit: '%',
    axis: 'step',
    better: 'higher',
    description: 'the same under PGD of 10 steps; far below the other: catastrophic overfitting',
  },
} as const satisfies SeriesTable;

/** Measured by quantised training. */
export const quantisationSeries = {
  grid_distance: {
    unit: '1',
    axis: 'step',
    better: 'lower',
    description:
      'in quantised training: relative distance of the weights that the loss sees from the quantised ones, after each epoch',
  },
  float_grid_distance: {
    unit: '1',
    axis: 'step',
    better: 'neither',
    description: 'the same of the float weights that the optimiser moves',
  },
  zero_weights: {
    unit: '%',
    axis: 'none',
    better: 'neither',
    description: 'zeros among the weights of quantised kernels',
  },
  zero_input_channels: {
    unit: '%',
    axis: 'none',
    better: 'neither',
    description: 'input channels, of all quantised kernels, that are read with zeros alone',
  },
  zero_output_channels: {
    unit: '%',
    axis: 'none',
    better: 'neither',
    description: 'output channels, of all quantised kernels, that are written with zeros alone',
  },
  removable_channels: {
    unit: '%',
    axis: 'none',
    better: 'neither',
    description:
      'channels that can be cut out: the one quantised layer that reads them has zeros alone for them',
  },
} as const satisfies SeriesTable;

/** Measured by trainings of sparse networks. */
export const sparsitySeries = {
  weight_density: {
    unit: '1',
    axis: 'step',
    better: 'neither',
    description:
      'in sparse training: fraction of the weights of convolutions and dense layers that are not zero, after each rewiring and at the end',
  },
  parameter_density: {
    unit: '1',
    axis: 'step',
    better: 'neither',
    description: 'the same of all parameters, biases and batch norm included, which stay dense',
  },
  layer_density: {
    unit: '1',
    axis: 'step',
    better: 'neither',
    family: 'named',
    description: 'the same of one tensor of weights',
  },
  layer_share: {
    unit: '1',
    axis: 'step',
    better: 'neither',
    family: 'named',
    description:
      'in rewiring: mean |momentum| over the active weights of one tensor, normalised over all; what grows is shared by it',
  },
  share_correlation: {
    unit: '1',
    axis: 'step',
    better: 'higher',
    description: 'rank correlation of layer_share with that of the rewiring before',
  },
} as const satisfies SeriesTable;

export const endpointSeries = {
  ...trainedSeries,
  ...overfittingSeries,
  ...quantisationSeries,
  ...sparsitySeries,
};

export const curveSeries = {
  ...boundedSeries,
  curve_batch_loss: {
    unit: 'nats',
    axis: 'step',
    better: 'lower',
    description: 'regularised loss of one batch at the t drawn for it',
  },
} as const satisfies SeriesTable;

export const injectionSeries = {
  ...scoredSeries,
  final_injection_success: {
    unit: '%',
    axis: 'none',
    better: 'neither',
    description: 'injection_success of the injected endpoint itself; x: the steps it took',
  },
  final_injection_stealth: {
    unit: '%',
    axis: 'none',
    better: 'neither',
    description: 'injection_stealth of the injected endpoint itself; x: the steps it took',
  },
  injection_loss: {
    unit: '1',
    axis: 'step',
    better: 'lower',
    description: 'weighted hinge loss over the images of an injection',
  },
} as const satisfies SeriesTable;

export const noiseSeries = scoredSeries;
export const curvePointSeries = scoredSeries;
export const importSeries = scoredSeries;
