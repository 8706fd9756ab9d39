/** Which t of a path to take: by held-out bonafide images, and beside it by the test images, which nobody has who must choose. */
import { isInside } from '../experiment/data.js';
import type { Choice } from '../experiment/metrics.js';
import type { MetricRow } from '../experiment/records.js';
import type { Measured } from './summarise-path.js';

/** By what each chooses: the least counts, between margin and 1 - margin. */
const criteria: Readonly<Record<Choice, string>> = {
  chosen: 'validation_nll',
  oracle: 'test_nll',
};

/** Rows at x = 0: `chosen.t`, and what the evaluation measured there as `chosen.<series>`; the same of the oracle. */
export function choosePoint(inputs: readonly Measured[], margin: number): readonly MetricRow[] {
  const rows = inputs.find(({ role }) => role === 'evaluation')?.rows ?? [];
  return Object.entries(criteria).flatMap(([choice, criterion]) => {
    const t = best(rows, criterion, margin);
    const there = rows.filter((row) => row.x === t && row.series !== 'arc_length');
    return [
      { series: `${choice}.t`, x: 0, value: t },
      ...there.map(({ series, value }) => ({ series: `${choice}.${series}`, x: 0, value })),
    ];
  });
}

/** The first of equals; not a number where none of the values is one, so that it stays visible. */
function best(rows: readonly MetricRow[], criterion: string, margin: number): number {
  const candidates = rows
    .filter(({ series, x, value }) => series === criterion && isInside(x, margin) && !isNaN(value))
    .sort((a, b) => a.value - b.value || a.x - b.x);
  return candidates[0]?.x ?? NaN;
}
