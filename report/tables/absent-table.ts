/** Every stored value that is no finite number, with its reason: the footnote of all other tables. */
import { absenceReasons, type AbsenceReason } from '../../experiment/records/quantity.js';
import type { ResultsTable } from './table.js';
import type { ExperimentView, RunView } from '../view/records.js';

interface Value {
  readonly series: string;
  readonly x: number;
  readonly n?: number;
  readonly reason?: AbsenceReason | undefined;
}

/** One row for each run and reason; CSV, JSON and `v1_absent_values` have every value by itself. */
export function absentTable({ runs }: ExperimentView): ResultsTable {
  return {
    title: 'Values that are no finite numbers (n: how many values each is over)',
    head: ['run', 'series', 'n', 'why'],
    rows: runs.filter(({ state }) => state === 'done').flatMap(absentRows),
  };
}

function absentRows(run: RunView): string[][] {
  const byReason = new Map<AbsenceReason, Value[]>();
  for (const value of absentValues(run)) {
    if (value.reason === undefined) continue;
    byReason.set(value.reason, [...(byReason.get(value.reason) ?? []), value]);
  }
  return [...byReason].map(([reason, values]) => [
    run.name,
    shortList(values.map(({ series }) => series)),
    rangeText(values.map(({ n = 0 }) => n)),
    `${reason}: ${absenceReasons[reason]}`,
  ]);
}

function absentValues({ series, absent }: RunView): readonly Value[] {
  const overflowed = Object.entries(series).flatMap(([name, points]) =>
    points.map(({ x, n, reason }) => ({
      series: name,
      x,
      ...(n === undefined ? {} : { n }),
      reason,
    })),
  );
  return [...overflowed, ...absent];
}

const namesShown = 3;

function shortList(all: readonly string[]): string {
  const names = [...new Set(all)];
  const more = names.length - namesShown;
  return `${names.slice(0, namesShown).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function rangeText(counts: readonly number[]): string {
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? String(least) : `${least} to ${most}`;
}
