/** Every measured value of an experiment as one row: what CSV, JSON and other programs read. */
import { metricCatalogue } from '../experiment/metrics.js';
import { statisticUnit } from '../experiment/summary-statistics.js';
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

/** Of a series (`transfer_error@0.25` among them), or of a statistic of one (`test_error.max`). */
export function metricUnit(series: string): string {
  return unitOf(series.replace(/@.*$/, '')) ?? statisticUnit(series, unitOf) ?? '1';
}

function unitOf(series: string): string | null {
  const catalogue: Readonly<Record<string, { readonly unit: string }>> = metricCatalogue;
  return catalogue[series]?.unit ?? null;
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
