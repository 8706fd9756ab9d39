/** Series that say how often tampering still works: one for every backdoor and every injection. */
import type { SeriesMap } from './records.js';

export function successSeries(series: SeriesMap): readonly string[] {
  return Object.keys(series).filter((name) => /^(attack|injection)_success/.test(name));
}
