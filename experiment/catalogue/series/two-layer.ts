/** Series of ascents on random two-layer networks, means over the networks. */
import type { SeriesEntry, SeriesTable } from './entry.js';

const once = (unit: SeriesEntry['unit'], description: string) =>
  ({ unit, axis: 'none', better: 'neither', description }) as const;

export const twoLayerSeries = {
  ascent_steps: once('steps', 'mean number of steps until an ascent ends'),
  ascent_steps_sd: once('steps', 'its standard deviation over the networks'),
  ascent_spread: once(
    '1',
    'standard deviation over starts of the losses reached, relative to their mean',
  ),
  ascent_spread_sd: once('1', 'its standard deviation over the networks'),
  ascent_one_maximiser: once(
    '1',
    'fraction of the starts that end within cosine 0.99 of the start with the highest loss',
  ),
  ascent_one_maximiser_sd: once('1', 'its standard deviation over the networks'),
  ascent_unsettled: once('1', 'fraction of the ascents that had not ended after all steps'),
} as const satisfies SeriesTable;
