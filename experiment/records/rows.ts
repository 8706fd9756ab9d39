/** Rows as the bodies of runs report them: typed by the series that the kind of run declares. */
import { seriesTables, type SeriesName } from '../kinds/series.js';
import type { SeriesTable } from '../catalogue/series/entry.js';
import { hasOwn } from '../own.js';
import { quantity, type Quantity } from './quantity.js';
import type { RunKind } from '../kinds/index.js';

/** A metric row whose series is declared. */
export type SeriesRow<K extends RunKind = RunKind> = {
  readonly series: SeriesName<K>;
  readonly x: number;
} & Quantity;

/** x of the rows, and the number of values that each of their numbers is computed from. */
export interface RowPlace {
  readonly x: number;
  readonly n: number;
}

/** One row. The n of a number is stored only where it is not finite; a quantity brings its own. */
export function row<K extends RunKind>(
  kind: K,
  series: NoInfer<SeriesName<K>>,
  { x, n }: RowPlace,
  value: number | Quantity,
): SeriesRow<K> {
  requireDeclared(kind, series);
  if (typeof value !== 'number') return { series, x, ...value };
  const found = quantity(value, n);
  return found.reason === undefined ? { series, x, value } : { series, x, ...found };
}

/** One row for each series that was measured; null: not asked for. */
export function rows<K extends RunKind>(
  kind: K,
  place: RowPlace,
  values: { readonly [Name in SeriesName<K>]?: number | Quantity | null },
): readonly SeriesRow<K>[] {
  const measured = Object.entries(values) as [SeriesName<K>, number | Quantity | null][];
  return measured.flatMap(([series, value]) =>
    value === null ? [] : [row(kind, series, place, value)],
  );
}

/** Computed names pass the compiler. Summaries have no table: their statistics name series of other runs. */
function requireDeclared(kind: RunKind, series: string): void {
  const table: SeriesTable = seriesTables[kind];
  if (kind === 'summary' || hasOwn(table, series.split(/[:@]/)[0]!)) return;
  throw new TypeError(`${series} is no series of ${kind} runs: declare it in the catalogue`);
}
