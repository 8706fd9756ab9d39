/** The series of a probe, which computes nothing. */
import type { SeriesTable } from './entry.js';

export const probeSeries = {
  probe_index: {
    unit: '1',
    axis: 'none',
    better: 'neither',
    description: 'index of the probe, written to show that it was executed',
  },
} as const satisfies SeriesTable;
