/** Series of the detection of adversarial examples by their distance to a data manifold. */
import type { SeriesTable } from './entry.js';

/** Series of the detector alone: images that nobody has attacked. */
const cleanDetectionSeries = {
  clean_distance: {
    ...{ unit: '1', axis: 't', better: 'neither' },
    description: 'mean distance to the manifold of the clean images, in the unit of its space',
  },
  false_alarms: {
    ...{ unit: '%', axis: 't', better: 'lower' },
    description: 'clean images beyond the threshold for 5 %, which other clean images decided',
  },
  false_alarms_low: {
    ...{ unit: '%', axis: 't', better: 'neither' },
    description: 'lower bound of the exact 95 % interval of false_alarms',
  },
  false_alarms_high: {
    ...{ unit: '%', axis: 't', better: 'neither' },
    description: 'upper bound of the exact 95 % interval of false_alarms',
  },
} as const satisfies SeriesTable;

const named = { axis: 't', family: 'named' } as const;

/** One of each for every attack, backdoor and weight of the adaptive attacker. */
export const attackedDetectionSeries = {
  auroc: {
    ...{ ...named, unit: '1', better: 'higher' },
    description: 'area under the ROC curve of attacked against held-out clean images, by distance',
  },
  auroc_low: {
    ...{ ...named, unit: '1', better: 'neither' },
    description: 'lower bound of the 95 % interval of auroc (DeLong)',
  },
  auroc_high: {
    ...{ ...named, unit: '1', better: 'neither' },
    description: 'upper bound of the 95 % interval of auroc (DeLong)',
  },
  tpr_1: {
    ...{ ...named, unit: '%', better: 'higher' },
    description: 'attacked images beyond the threshold for 1 % of the held-out clean images',
  },
  tpr_5: {
    ...{ ...named, unit: '%', better: 'higher' },
    description: 'attacked images beyond the threshold for 5 % of the held-out clean images',
  },
  attacked_distance: {
    ...{ ...named, unit: '1', better: 'higher' },
    description: 'mean distance to the manifold of the attacked images, in the unit of its space',
  },
  attacked_error: {
    ...{ ...named, unit: '%', better: 'lower' },
    description: 'misclassified fraction of the attacked images, all of which were right before',
  },
  noise_distance: {
    ...{ ...named, unit: '1', better: 'neither' },
    description: 'mean distance to the manifold of images with random noise of the same norm',
  },
  auroc_noise: {
    ...{ ...named, unit: '1', better: 'neither' },
    description: 'auroc of images with random noise of the same norm in place of the attack',
  },
  auroc_gain: {
    ...{ ...named, unit: '1', better: 'neither' },
    description: 'auroc less auroc_noise: what is detected beside the size of the change',
  },
  auroc_gain_low: {
    ...{ ...named, unit: '1', better: 'neither' },
    description: 'lower bound of the 95 % interval of auroc_gain (paired DeLong)',
  },
  auroc_gain_high: {
    ...{ ...named, unit: '1', better: 'neither' },
    description: 'upper bound of the 95 % interval of auroc_gain (paired DeLong)',
  },
  auroc_start: {
    ...{ ...named, unit: '1', better: 'higher' },
    description: 'auroc by the manifold of the network at t = 0, for features of the network here',
  },
  auroc_end: {
    ...{ ...named, unit: '1', better: 'higher' },
    description: 'auroc by the manifold of the network at t = 1, for features of the network here',
  },
} as const satisfies SeriesTable;

export const detectionSeries = {
  ...cleanDetectionSeries,
  ...attackedDetectionSeries,
} as const satisfies SeriesTable;
