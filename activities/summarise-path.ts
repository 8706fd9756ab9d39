/** Statistics of the measurements along one path, and how robustness and curvature go together on it. */
import { mean } from 'simple-statistics';
import { UserError } from '../experiment/errors.js';
import { metricCatalogue } from '../experiment/metrics.js';
import type { MetricRow } from '../experiment/records.js';
import type { Role } from '../experiment/runs.js';
import type {
  attackStatistics,
  BarrierStatistic,
  SummaryStatistic,
} from '../experiment/summary-statistics.js';
import { barrierOverLine, barrierOverMean } from '../numerics/barrier.js';
import { correlate } from './correlate.js';

export interface Measured {
  readonly role: Role;
  readonly rows: readonly MetricRow[];
}

const attacked = Object.entries(metricCatalogue)
  .filter(([, entry]) => entry.kind === 'attack')
  .map(([name]) => name);

/** Measured by every evaluation; what else one measures is summarised where it is there. */
const always = ['train_nll', 'train_loss', 'train_error', 'test_nll', 'test_loss', 'test_error'];

/** Rows at x = 0. Not-a-number measurements make not-a-number statistics: they must stay visible. */
export function summarisePath(inputs: readonly Measured[]): readonly MetricRow[] {
  const evaluation = inputs.find(({ role }) => role === 'evaluation')?.rows ?? [];
  const lengths = valuesOf(pointsOf(evaluation, 'arc_length'), 'arc_length');
  const spectrum = inputs.find(({ role }) => role === 'spectrum')?.rows;
  return [
    ...summarised(evaluation).flatMap((series) => {
      const points = pointsOf(evaluation, series);
      const values = valuesOf(points, series);
      return [...statistics(series, values, lengths), ...barriers(series, points)];
    }),
    row('arc_length.total', lengths.at(-1)!),
    ...inputs.flatMap(({ role, rows }) =>
      role.startsWith('attack:') ? ofAttack(role.slice('attack:'.length), rows, spectrum) : [],
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
  values: readonly number[],
  lengths: readonly number[],
): readonly MetricRow[] {
  const results: Readonly<Record<SummaryStatistic, number>> = {
    min: Math.min(...values),
    max: Math.max(...values),
    mean: mean([...values]),
    integral: arcLengthMean(values, lengths),
  };
  return named(series, results);
}

function barriers(series: string, points: readonly MetricRow[]): readonly MetricRow[] {
  const [line, means] = [barrierOverLine(points), barrierOverMean(points)];
  const results: Readonly<Record<BarrierStatistic, number>> = {
    barrier: line.height,
    barrier_at: line.at,
    barrier_over_mean: means.height,
    barrier_over_mean_at: means.at,
  };
  return named(series, results);
}

/** Trapezoid rule over the length of the path, divided by that length. */
export function arcLengthMean(values: readonly number[], lengths: readonly number[]): number {
  let sum = 0;
  for (let i = 1; i < values.length; i++) {
    sum += 0.5 * (values[i - 1]! + values[i]!) * (lengths[i]! - lengths[i - 1]!);
  }
  return sum / (lengths.at(-1)! - lengths[0]!);
}

function ofAttack(
  attack: string,
  rows: readonly MetricRow[],
  spectrum: readonly MetricRow[] | undefined,
): readonly MetricRow[] {
  const ofSeries = attacked.flatMap((series) => {
    const points = pointsOf(rows, series);
    if (points.length === 0) return [];
    const values = points.map(({ value }) => value);
    const ends: Readonly<Record<(typeof attackStatistics)[number], number>> = {
      min: Math.min(...values),
      max: Math.max(...values),
    };
    const name = `${attack}.${series}`;
    return [...named(name, ends), ...barriers(name, points)];
  });
  return spectrum ? [...ofSeries, ...named(attack, correlate(rows, spectrum))] : ofSeries;
}

function valuesOf(points: readonly MetricRow[], series: string): readonly number[] {
  if (points.length > 0) return points.map(({ value }) => value);
  throw new UserError('bad-input', `no ${series} was measured on this path; run its evaluation`);
}

function pointsOf(rows: readonly MetricRow[], series: string): readonly MetricRow[] {
  return rows.filter((r) => r.series === series).sort((a, b) => a.x - b.x);
}

function named(prefix: string, results: Readonly<Record<string, number>>): readonly MetricRow[] {
  return Object.entries(results).map(([name, value]) => row(`${prefix}.${name}`, value));
}

function row(series: string, value: number): MetricRow {
  return { series, x: 0, value };
}
