/** Series of the networks along a path as an ensemble: of each member, and of all together. */
import type { SeriesEntry, SeriesTable } from './entry.js';

const lower = (
  unit: SeriesEntry['unit'],
  axis: SeriesEntry['axis'],
  description: string,
): SeriesEntry => ({ unit, axis, better: 'lower', description });

/** x is the member's t. */
export const memberSeries = {
  member_nll: lower('nats', 't', 'mean cross-entropy of one member'),
  member_error: lower('%', 't', 'misclassified fraction by one member'),
  member_robust_error: lower('%', 't', 'member_error under an attack on this member'),
  ensemble_transfer_nll: lower('nats', 't', 'ensemble_nll under an attack on one member'),
  ensemble_transfer_error: lower('%', 't', 'ensemble_error under an attack on one member'),
} as const satisfies SeriesTable;

export const wholeSeries = {
  ensemble_error: lower('%', 'none', 'misclassified fraction by the output of the ensemble'),
  ensemble_nll: lower('nats', 'none', 'mean cross-entropy of the output of the ensemble'),
  ensemble_disagreement: {
    ...lower('%', 'none', 'mean over pairs of members of the fraction of images they differ on'),
    better: 'neither',
  },
  ensemble_robust_error: lower('%', 'none', 'ensemble_error under an attack on the ensemble'),
  ensemble_robust_nll: lower('nats', 'none', 'ensemble_nll under an attack on the ensemble'),
  drawn_member_robust_error: lower(
    '%',
    'none',
    'drawn_member_error under an attack on the expectation over the draw',
  ),
  drawn_member_robust_nll: lower(
    'nats',
    'none',
    'drawn_member_nll under an attack on the expectation over the draw',
  ),
  drawn_member_error: lower('%', 'none', 'expected error of a member drawn at random'),
  drawn_member_nll: lower('nats', 'none', 'expected cross-entropy of a member drawn at random'),
} as const satisfies SeriesTable;

export const ensembleSeries = { ...memberSeries, ...wholeSeries } as const satisfies SeriesTable;
