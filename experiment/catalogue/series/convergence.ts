/** Series of the convergence of the inner maximisation along a path, over images and random starts. */
import type { SeriesEntry, SeriesTable } from './entry.js';

const along = (unit: SeriesEntry['unit'], description: string) =>
  ({ unit, axis: 't', better: 'neither', description }) as const;

export const convergenceSeries = {
  short_error: along('%', "misclassified fraction after the attack's own number of steps"),
  long_error: along('%', 'misclassified fraction after the larger number of steps'),
  short_nll: along('nats', "mean cross-entropy after the attack's own number of steps"),
  long_nll: along('nats', 'mean cross-entropy after the larger number of steps'),
  error_gap: {
    ...along('%', 'long_error minus short_error, in points'),
    better: 'lower',
    check: {
      ...{ name: 'not converged', limit: 1, docs: 'docs/concepts/inner-maximisation.md' },
      meaning:
        'more steps raise the error under attack by more than a point, so that errors after the smaller number are too low',
    },
  },
  short_relative_fosc: along(
    '1',
    "median relative FOSC after the attack's own number of steps; 0 at a stationary point",
  ),
  long_relative_fosc: along('1', 'median relative FOSC after the larger number of steps'),
  long_relative_fosc_mean: along('1', 'mean relative FOSC after the larger number of steps'),
  stationary_share: {
    ...along('1', 'fraction of the ascents whose relative FOSC reaches 0.01 or less'),
    better: 'higher',
  },
  steps_to_stationary: along(
    'steps',
    'median number of steps until then; ascents that do not reach it count with all of their steps',
  ),
  loss_spread: along(
    '1',
    'mean over the images of the standard deviation over starts of the final cross-entropy, relative to its mean',
  ),
  one_maximiser: along(
    '1',
    'mean over the images of the fraction of starts that end within cosine 0.99 of the start with the highest cross-entropy',
  ),
} as const satisfies SeriesTable;
