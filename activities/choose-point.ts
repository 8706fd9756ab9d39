/** Chooses the t of a path by held-out bonafide images and, as an oracle, by the test images. */
import { isInside } from '../experiment/specs/data.js';
import type { Choice } from '../experiment/catalogue/series/summary.js';
import { absent, exists, type Quantity } from '../experiment/records/quantity.js';
import type { MetricRow } from '../experiment/records/records.js';
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
    const there = rows.filter((row) => row.x === t.value && row.series !== 'arc_length');
    return [
      { ...t, series: `${choice}.t`, x: 0 },
      ...there.map((row) => ({ ...row, series: `${choice}.${row.series}`, x: 0 })),
    ];
  });
}

/** The first of equals. */
function best(rows: readonly MetricRow[], criterion: string, margin: number): Quantity {
  const candidates = rows
    .filter((row) => row.series === criterion && isInside(row.x, margin))
    .filter((row) => exists(row) && !Number.isNaN(row.value))
    .sort((a, b) => (a.value === b.value ? a.x - b.x : a.value - b.value));
  const [first] = candidates;
  return first ? { value: first.x } : absent('no-values', 0);
}
