/** Statistics of the measurements along a path, and correlations of robustness with curvature on it. */
import { mean } from 'simple-statistics';
import { UserError } from '../experiment/errors.js';
import { attackSeries } from '../experiment/catalogue/series/attack.js';
import {
  exists,
  largest,
  overExisting,
  smallest,
  type Quantity,
} from '../experiment/records/quantity.js';
import type { MetricRow } from '../experiment/records/records.js';
import { row, type SeriesRow } from '../experiment/records/rows.js';
import type { Role } from '../experiment/specs/role.js';
import {
  certifiedError,
  type AttackStatistic,
  type BarrierStatistic,
  type StatisticName,
  type SummaryStatistic,
} from '../experiment/catalogue/series/summary.js';
import { barrierOverLine, barrierOverMean } from '../numerics/analysis/barrier.js';
import { arcLengthMean } from '../numerics/analysis/path-mean.js';
import { correlate } from './correlate.js';

export interface Measured {
  readonly role: Role;
  readonly rows: readonly MetricRow[];
}

const attacked = Object.keys(attackSeries);

/** Measured by every evaluation; what else one measures is summarised where it is there. */
const always = ['train_nll', 'train_loss', 'train_error', 'test_nll', 'test_loss', 'test_error'];

/**
 * Rows at x = 0. Statistics are over the values that exist; a loss that overflowed is a result, and they overflow with it.
 */
export function summarisePath(inputs: readonly Measured[]): readonly SeriesRow<'summary'>[] {
  const evaluation = inputs.find(({ role }) => role === 'evaluation')?.rows ?? [];
  const lengths = selectSeries(evaluation, 'arc_length');
  refuseUnmeasured(lengths, 'arc_length');
  const spectrum = inputs.find(({ role }) => role === 'spectrum')?.rows;
  return [
    ...summarised(evaluation).flatMap((series) => {
      const points = selectSeries(evaluation, series);
      refuseUnmeasured(points, series);
      return [...statistics(series, points, lengths), ...barriers(series, points)];
    }),
    ...named('arc_length', { total: overExisting(lengths, (values) => values.at(-1)!) }),
    ...inputs.flatMap(({ role, rows }) =>
      role.startsWith('convergence:') ? ofAscents(role.slice('convergence:'.length), rows) : [],
    ),
    ...inputs.flatMap(({ role, rows }) =>
      role.startsWith('attack:') ? ofAttack(role.slice('attack:'.length), rows, spectrum) : [],
    ),
    ...inputs.flatMap(({ role, rows }) =>
      role.startsWith('certificate:') ? ofCertificate(role.slice('certificate:'.length), rows) : [],
    ),
  ];
}

function summarised(evaluation: readonly MetricRow[]): readonly string[] {
  const measured = [...new Set(evaluation.map(({ series }) => series))];
  const further = measured.filter((name) => name !== 'arc_length' && !always.includes(name));
  return [...always, ...further.sort()];
}

function statistics(
  series: string,
  points: readonly MetricRow[],
  lengths: readonly MetricRow[],
): readonly SeriesRow<'summary'>[] {
  const results: Readonly<Record<SummaryStatistic, Quantity>> = {
    min: overExisting(points, smallest),
    max: overExisting(points, largest),
    mean: overExisting(points, (values) => mean([...values])),
    integral: overLength(points, lengths),
  };
  return named(series, results);
}

function overLength(points: readonly MetricRow[], lengths: readonly MetricRow[]): Quantity {
  const lengthAt = new Map(lengths.map(({ x, value }) => [x, value]));
  const there = points.filter((point) => exists(point) && lengthAt.has(point.x));
  if (there.length === 0) return overExisting(points, () => NaN);
  return arcLengthMean(
    there.map(({ value }) => value),
    there.map(({ x }) => lengthAt.get(x)!),
  );
}

function barriers(series: string, points: readonly MetricRow[]): readonly SeriesRow<'summary'>[] {
  const there = points.filter(exists);
  const [line, means] = [barrierOverLine(there), barrierOverMean(there)];
  const results: Readonly<Record<BarrierStatistic, Quantity>> = {
    barrier: line.height,
    barrier_at: line.at,
    barrier_over_mean: means.height,
    barrier_over_mean_at: means.at,
  };
  return named(series, results);
}

/** Errors and losses after fewer and after more steps: is a barrier one of the steps? */
const ascended = ['short_error', 'long_error', 'short_nll', 'long_nll'] as const;

function ofAscents(attack: string, rows: readonly MetricRow[]): readonly SeriesRow<'summary'>[] {
  return ascended.flatMap((series) => barriers(`${attack}.${series}`, selectSeries(rows, series)));
}

function ofAttack(
  attack: string,
  rows: readonly MetricRow[],
  spectrum: readonly MetricRow[] | undefined,
): readonly SeriesRow<'summary'>[] {
  const ofSeries = attacked.flatMap((series) => {
    const points = selectSeries(rows, series);
    if (points.length === 0) return [];
    return extremesAndBarriers(`${attack}.${series}`, points);
  });
  return spectrum ? [...ofSeries, ...named(attack, correlate(rows, spectrum))] : ofSeries;
}

/** Statistics of 100 - certified accuracy by each method, at each radius above 0: at 0 it is clean error. */
function ofCertificate(
  certificate: string,
  rows: readonly MetricRow[],
): readonly SeriesRow<'summary'>[] {
  const measured = [...new Set(rows.map(({ series }) => series))];
  return measured.flatMap((series) => {
    const [family, method, epsilon] = series.split(':');
    if (family !== 'certified_accuracy' || !(Number(epsilon) > 0)) return [];
    const points = selectSeries(rows, series).map((one) => ({ ...one, value: 100 - one.value }));
    return extremesAndBarriers(`${certificate}.${certifiedError}:${method}:${epsilon}`, points);
  });
}

function extremesAndBarriers(
  name: string,
  points: readonly MetricRow[],
): readonly SeriesRow<'summary'>[] {
  const ends: Readonly<Record<AttackStatistic, Quantity>> = {
    min: overExisting(points, smallest),
    max: overExisting(points, largest),
  };
  return [...named(name, ends), ...barriers(name, points)];
}

function refuseUnmeasured(points: readonly MetricRow[], series: string): void {
  if (points.length > 0) return;
  throw new UserError('bad-input', `no ${series} was measured on this path; run its evaluation`);
}

function selectSeries(rows: readonly MetricRow[], series: string): readonly MetricRow[] {
  return rows.filter((r) => r.series === series).sort((a, b) => a.x - b.x);
}

function named(
  prefix: string,
  results: Readonly<Partial<Record<StatisticName, Quantity>>>,
): readonly SeriesRow<'summary'>[] {
  const found = Object.entries(results) as [StatisticName, Quantity][];
  return found.map(([name, value]) =>
    row('summary', `${prefix}.${name}`, { x: 0, n: value.n ?? 0 }, value),
  );
}
