/** Statistics of the measurements along one path, and how robustness and curvature go together on it. */
import { mean, sampleCorrelation, sampleRankCorrelation } from 'simple-statistics';
import { UserError } from '../experiment/errors.js';
import type { summaryCorrelations, SummaryStatistic } from '../experiment/metrics.js';
import type { MetricRow } from '../experiment/records.js';
import type { Role } from '../experiment/runs.js';

export interface Measured {
  readonly role: Role;
  readonly rows: readonly MetricRow[];
}

type Correlation = (typeof summaryCorrelations)[number];

/** Measured by every evaluation; what else one measures is summarised where it is there. */
const always = ['train_nll', 'train_loss', 'train_error', 'test_nll', 'test_loss', 'test_error'];

/** Rows at x = 0. Not-a-number measurements make not-a-number statistics: they must stay visible. */
export function summarisePath(inputs: readonly Measured[]): readonly MetricRow[] {
  const evaluation = inputs.find(({ role }) => role === 'evaluation')?.rows ?? [];
  const lengths = valuesOf(evaluation, 'arc_length');
  const spectrum = inputs.find(({ role }) => role === 'spectrum')?.rows;
  return [
    ...summarised(evaluation).flatMap((series) =>
      statistics(series, valuesOf(evaluation, series), lengths),
    ),
    row('arc_length.total', lengths.at(-1)!),
    ...inputs.flatMap(({ role, rows }) =>
      role.startsWith('attack:') && spectrum
        ? correlations(role.slice('attack:'.length), rows, spectrum)
        : [],
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
  return Object.entries(results).map(([name, value]) => row(`${series}.${name}`, value));
}

/** Trapezoid rule over the length of the path, divided by that length. */
export function arcLengthMean(values: readonly number[], lengths: readonly number[]): number {
  let sum = 0;
  for (let i = 1; i < values.length; i++) {
    sum += 0.5 * (values[i - 1]! + values[i]!) * (lengths[i]! - lengths[i - 1]!);
  }
  return sum / (lengths.at(-1)! - lengths[0]!);
}

function correlations(
  attack: string,
  attacked: readonly MetricRow[],
  spectrum: readonly MetricRow[],
): readonly MetricRow[] {
  const eigenvalues = new Map(pointsOf(spectrum, 'eigenvalue_mean').map((p) => [p.x, p.value]));
  const common = pointsOf(attacked, 'robust_nll').filter(({ x }) => eigenvalues.has(x));
  const losses = common.map(({ value }) => value);
  const curvatures = common.map(({ x }) => eigenvalues.get(x)!);
  const results: Readonly<Record<Correlation, number>> = {
    pearson: correlation(sampleCorrelation, losses, curvatures),
    spearman: correlation(sampleRankCorrelation, losses, curvatures),
  };
  return Object.entries(results).map(([name, value]) => row(`${attack}.${name}`, value));
}

/** Not a number where it is undefined: rounding would give a constant series some correlation. */
function correlation(
  compute: (x: number[], y: number[]) => number,
  a: readonly number[],
  b: readonly number[],
): number {
  const varies = (values: readonly number[]) => values.some((value) => value !== values[0]);
  const defined = varies(a) && varies(b) && ![...a, ...b].some(Number.isNaN);
  return defined ? compute([...a], [...b]) : NaN;
}

function valuesOf(rows: readonly MetricRow[], series: string): readonly number[] {
  const values = pointsOf(rows, series).map(({ value }) => value);
  if (values.length > 0) return values;
  throw new UserError('bad-input', `no ${series} was measured on this path; run its evaluation`);
}

function pointsOf(rows: readonly MetricRow[], series: string): readonly MetricRow[] {
  return rows.filter((r) => r.series === series).sort((a, b) => a.x - b.x);
}

function row(series: string, value: number): MetricRow {
  return { series, x: 0, value };
}
