/** Series that no other table or figure shows: the place that every series of the catalogue has by default. */
import { seriesEntry } from '../../experiment/kinds/series.js';
import { fixed, decimalsFor } from '../numbers.js';
import type { ExperimentView, Point, RunView } from '../view/records.js';
import type { ResultsTable } from './table.js';

/** `isPlaced`: whether another table or figure shows a series of this kind of run. */
export type IsPlaced = (kind: RunView['kind'], series: string) => boolean;

export function furtherTable({ runs }: ExperimentView, isPlaced: IsPlaced): ResultsTable {
  const rows = runs.flatMap((run) =>
    furtherSeries(run, isPlaced).map((series) => seriesRow(run.name, series, run.series[series]!)),
  );
  return {
    title: 'Further series (n: number of t or steps)',
    head: ['run', 'series', 'unit', 'min', 'mean', 'max', 'last', 'n'],
    rows,
  };
}

/** Names for a reader of the terminal, who finds the values by `results --metric`. */
export function furtherNames({ runs }: ExperimentView, isPlaced: IsPlaced): readonly string[] {
  return [...new Set(runs.flatMap((run) => furtherSeries(run, isPlaced)))];
}

/** Half a run's metrics are no result. Statistics of a summary are shown or not by the table of their series. */
function furtherSeries({ kind, state, series }: RunView, isPlaced: IsPlaced): readonly string[] {
  if (state !== 'done') return [];
  return Object.keys(series).filter(
    (name) => seriesEntry(name.split('@')[0]!) !== undefined && !isPlaced(kind, name),
  );
}

function seriesRow(run: string, series: string, points: readonly Point[]): string[] {
  const values = points.map(({ value }) => value);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const decimals = decimalsFor(values);
  const shown = [Math.min(...values), mean, Math.max(...values), values.at(-1)];
  return [
    ...[run, series, seriesEntry(series.split('@')[0]!)!.unit],
    ...shown.map((value) => fixed(value, decimals)),
    String(values.length),
  ];
}
