/** Series that tell how often tampering still works: one for every backdoor and every injection. */
import type { SeriesMap } from './records.js';

export function successSeries(series: SeriesMap): readonly string[] {
  return Object.keys(series).filter((name) => /^(attack|injection)_success/.test(name));
}

/** Success and stealth of backdoors and injections: fractions in %, each under a name where there are several. */
export function isTampering(series: string): boolean {
  return /^(attack|injection)_(success|stealth)(:|$)/.test(series);
}

/** `attack success square %`. */
export function tamperingHead(series: string): string {
  const [base = '', ...name] = series.split(':');
  return [base.replaceAll('_', ' '), ...(name.length > 0 ? [name.join(':')] : []), '%'].join(' ');
}
