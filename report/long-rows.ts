/** Every measured value of an experiment as one row: what CSV, JSON and other programs read. */
import { metricCatalogue, summaryCorrelations } from '../experiment/metrics.js';
import type { ExperimentView, RunView } from './view.js';

export interface LongRow {
  readonly experiment: string;
  readonly run: string;
  readonly curve: string | null;
  readonly path: string | null;
  readonly series: string;
  readonly unit: string;
  /** t along a path, the step of training, 0 for a summary. */
  readonly x: number;
  readonly value: number;
}

export function longRows(view: ExperimentView): readonly LongRow[] {
  return view.runs.flatMap((run) => rowsOf(view.id, run));
}

/** Of a series, or of a statistic of one (`test_error.max`). */
export function metricUnit(series: string): string {
  // The name in `injection_success:I` may have dots itself.
  const [whole = ''] = series.split(':');
  const [base, statistic] = whole.split('.') as [string, string | undefined];
  if ((summaryCorrelations as readonly (string | undefined)[]).includes(statistic)) return '1';
  return (
    (metricCatalogue as Readonly<Record<string, { readonly unit: string }>>)[base]?.unit ?? '1'
  );
}

function rowsOf(experiment: string, { name, curve, path, series }: RunView): LongRow[] {
  return Object.entries(series).flatMap(([seriesName, points]) =>
    points.map(({ x, value }) => ({
      ...{ experiment, run: name, curve, path },
      series: seriesName,
      unit: metricUnit(seriesName),
      x,
      value,
    })),
  );
}
