/** Every measured value of an experiment as one row: what CSV, JSON and other programs read. */
import { seriesEntry } from '../../experiment/kinds/series.js';
import { hasOwn } from '../../experiment/own.js';
import type { AbsenceReason, Quantity } from '../../experiment/records/quantity.js';
import { choices, statisticUnit } from '../../experiment/catalogue/series/summary.js';
import type { ExperimentView, RunView } from './records.js';

export interface LongRow {
  readonly experiment: string;
  readonly run: string;
  readonly curve: string | null;
  readonly path: string | null;
  readonly series: string;
  readonly unit: string;
  /** t along a path, the step of training, 0 for a summary. */
  readonly x: number;
  /** Null where it does not exist. */
  readonly value: number | null;
  /** Number of values that it is over; null where its series says so. */
  readonly n: number | null;
  /** Why the value is no finite number; null where it is one. */
  readonly reason: AbsenceReason | null;
}

export function longRows(view: ExperimentView): readonly LongRow[] {
  return view.runs.flatMap((run) => runRows(view.id, run));
}

/**
 * Unit of a series (`transfer_error@0.25` among them), of a statistic (`test_error.max`), or of a series
 * at one t (`chosen.test_error`).
 */
export function metricUnit(series: string): string {
  const [head, ...tail] = series.split('.') as [string, ...string[]];
  const name = isChoice(head) ? tail.join('.') : series;
  return seriesUnit(name.replace(/@.*$/, '')) ?? statisticUnit(name, seriesUnit) ?? '1';
}

function seriesUnit(series: string): string | null {
  return seriesEntry(series)?.unit ?? null;
}

function isChoice(head: string): boolean {
  return hasOwn(choices, head);
}

type Place = { readonly x: number } & Partial<Pick<Quantity, 'n' | 'reason'>>;

function runRows(experiment: string, run: RunView): LongRow[] {
  const row = (series: string, { x, n, reason }: Place, value: number | null) => ({
    ...{ experiment, run: run.name, curve: run.curve, path: run.path },
    ...{ series, unit: metricUnit(series), x, value },
    ...{ n: n ?? null, reason: reason ?? null },
  });
  return [
    ...Object.entries(run.series).flatMap(([series, points]) =>
      points.map((point) => row(series, point, point.value)),
    ),
    ...run.absent.map(({ series, ...place }) => row(series, place, null)),
  ];
}
