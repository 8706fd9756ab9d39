/** Series of the transfer of an attack between the places of a path. */
import type { SeriesTable } from './entry.js';

export const transferSeries = {
  transfer_error: {
    unit: '%',
    axis: 't',
    better: 'lower',
    description: 'misclassified fraction of the adversarial examples crafted at the t after the @',
    family: 'crafted',
  },
  transfer_nll: {
    unit: 'nats',
    axis: 't',
    better: 'lower',
    description: 'mean cross-entropy of the adversarial examples crafted at the t after the @',
    family: 'crafted',
  },
} as const satisfies SeriesTable;
