/** View columns out of the catalogue: one for each series of a table, in the order of the table. */
import type { SeriesEntry, SeriesTable } from '../../../experiment/catalogue/series/entry.js';
import { literal, runKey, type ViewColumn } from './view.js';

export interface SeriesColumns {
  /** Series before the column `run`: those that the view was published with. */
  readonly beforeRun: number;
  /** Names of columns that are not named after their series. */
  readonly names?: Readonly<Record<string, string>>;
  /** Columns of the publication that are no series of the table, before `run` too. */
  readonly others?: readonly ViewColumn[];
}

/** The columns of the published series, `run`, and the columns of all later series. */
export function seriesColumns(
  table: SeriesTable,
  { beforeRun, names = {}, others = [] }: SeriesColumns,
): readonly ViewColumn[] {
  const columns = Object.entries(table).map(([series, entry]) =>
    seriesColumn(series, entry, names[series] ?? series),
  );
  return [...columns.slice(0, beforeRun), ...others, runKey, ...columns.slice(beforeRun)];
}

/** The series of the table of which `has` holds. */
export function selectSeries(
  table: SeriesTable,
  has: (entry: SeriesTable[string]) => boolean,
): SeriesTable {
  return Object.fromEntries(Object.entries(table).filter(([, entry]) => has(entry)));
}

/** The names of the table's series, for a condition on the metric. */
export function seriesIn(table: SeriesTable): string {
  return `m."series" IN (${Object.keys(table).map(literal).join(', ')})`;
}

function unitText(unit: SeriesEntry['unit']): string {
  return unit === '1' ? '' : `, ${unit}`;
}

function seriesColumn(series: string, entry: SeriesEntry, name: string): ViewColumn {
  const { description, unit } = entry;
  return {
    name,
    sql: `max(m."value") FILTER (WHERE ${condition(series, entry)})`,
    comment: `${description.charAt(0).toUpperCase()}${description.slice(1)}${unitText(unit)}.`,
    isKey: false,
  };
}

/** A family is in views that have the name or the t in a column of its own. */
function condition(series: string, { family }: SeriesEntry): string {
  const escaped = series.replaceAll('_', '\\_');
  switch (family) {
    case undefined:
      return `m."series" = '${series}'`;
    case 'named':
      return `m."series" = '${series}' OR m."series" LIKE '${escaped}:%'`;
    case 'crafted':
      return `m."series" LIKE '${escaped}@%'`;
  }
}
