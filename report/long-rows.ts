/** Every measured value of an experiment as one row: what CSV, JSON and other programs read. */
import { choices, metricEntry } from '../experiment/metrics.js';
import { statisticUnit } from '../experiment/summary-statistics.js';
import type { ExperimentView, RunView } from './views.js';

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

/**
 * Of a series (`transfer_error@0.25` among them), of a statistic of one (`test_error.max`), or of its value
 * at one t (`chosen.test_error`).
 */
export function metricUnit(series: string): string {
  const [head, ...tail] = series.split('.') as [string, ...string[]];
  const name = isChoice(head) ? tail.join('.') : series;
  return unitOf(name.replace(/@.*$/, '')) ?? statisticUnit(name, unitOf) ?? '1';
}

function unitOf(series: string): string | null {
  return metricEntry(series)?.unit ?? null;
}

function isChoice(head: string): boolean {
  return (choices as readonly string[]).includes(head);
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
