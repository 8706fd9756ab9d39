/** Series of the worst case over several attacks on the same images. */
import type { SeriesTable } from './entry.js';

export const strongestSeries = {
  strongest_error: {
    unit: '%',
    axis: 't',
    better: 'lower',
    description:
      'fraction of the images that the network misclassifies as they are, or under at least one of the attacks after the colon',
    family: 'named',
  },
} as const satisfies SeriesTable;

/** Series of certificates against attacks on the same images. */
export const contradictionSeries = {
  certified_broken: {
    unit: '1',
    axis: 't',
    better: 'lower',
    description:
      'images that the certificate and at the radius after the colon certifies, and that an attack has misclassified: 0, or the run has failed',
    family: 'named',
  },
} as const satisfies SeriesTable;
