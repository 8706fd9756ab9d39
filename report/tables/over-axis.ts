/** Mean and spread of a statistic over the curves of a sweep that differ in one axis alone, such as the seed. */
import {
  exists,
  mean,
  overExisting,
  quantity,
  type AbsenceReason,
  type Quantity,
} from '../../experiment/records/quantity.js';
import { hasOwn } from '../../experiment/own.js';
import { predictors, mainPredictor, takenOut } from '../../experiment/catalogue/series/summary.js';
import { appendLabel, splitLabel } from '../../experiment/specs/run-name.js';
import { shortenLabel } from '../../experiment/sweep/labels.js';
import {
  selectAssociations,
  resampled,
  sampleAtPlaces,
  type Sample,
} from '../../numerics/analysis/association.js';
import {
  bootstrapIntervals,
  drawIndices,
  type Interval,
} from '../../numerics/analysis/bootstrap.js';
import { moments, type Moments } from '../view/moments.js';
import { shown } from '../numbers.js';
import type { ResultsTable } from './table.js';
import type { CurveView, ExperimentView, PathView } from '../view/records.js';

/** `n`: curves that have the statistic. */
export interface Spread extends Moments {
  /** The curve without the axis. */
  readonly curve: string;
  readonly path: PathView['kind'];
  /** As in the summary. */
  readonly statistic: string;
  /** Ends of the interval of the mean. */
  readonly low: Quantity;
  readonly high: Quantity;
}

/** Statistics whose spread is shown. */
const wanted =
  /^(test_error|test_nll|.+\.robust_error|.+\.robust_nll|.+\.certified_error:.+)\.(barrier|barrier_over_mean|min)$/;

/** `low` and `high`: bootstrap over the curves; of correlations over the curves and, in each, over t. */
export function overAxis(view: ExperimentView, axis: string): readonly Spread[] {
  return [...groupCurves(view.curves, axis)].flatMap(([curve, members]) => [
    ...ofStatistics(
      curve,
      members.map(({ fitted }) => fitted),
    ),
    ...ofCorrelations(curve, members),
    ...ofStatistics(
      curve,
      members.flatMap(({ line }) => line ?? []),
    ),
  ]);
}

/** Axes by which the curves and endpoints of an experiment were swept, as `--over` takes them. */
export function sweptAxes({ curves, endpoints }: ExperimentView): readonly string[] {
  const labels = [...curves.map(({ swept }) => swept), ...endpoints.map(({ name }) => name)];
  const all = labels.flatMap((label) => parsed(label).values.map(([axis]) => lastPart(axis)));
  return [...new Set(all)].sort();
}

/** By the name without the axis. Curves that were not swept by it are in no group. */
export function groupCurves(
  curves: readonly CurveView[],
  axis: string,
): ReadonlyMap<string, readonly CurveView[]> {
  return groupWithoutAxis(curves, ({ swept }) => swept, axis);
}

/** The same of anything that has a name with a case. */
export function groupWithoutAxis<T>(
  all: readonly T[],
  nameOf: (one: T) => string,
  axis: string,
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const label = withoutAxis(nameOf(one), axis);
    if (label !== null) groups.set(label, [...(groups.get(label) ?? []), one]);
  }
  return groups;
}

/** Null for a name that does not have the axis. */
export function withoutAxis(name: string, axis: string): string | null {
  const { base, values } = parsed(name);
  const others = values.filter(([one]) => lastPart(one) !== axis);
  if (others.length === values.length) return null;
  const rest = others.map(([one, value]) => (value === null ? one : `${one}=${value}`));
  return appendLabel(base, shortenLabel(rest.join(',')));
}

/** `A-B@from.seed=1,to.seed=11`; a row that has a name of its own stands there without a value. */
function parsed(name: string) {
  const { source: base, label } = splitLabel(name);
  const values = (label ?? '')
    .split(',')
    .filter((part) => part !== '')
    .map((part): readonly [string, string | null] => {
      const at = part.indexOf('=');
      return at < 0 ? [part, null] : [part.slice(0, at), part.slice(at + 1)];
    });
  return { base, values };
}

function lastPart(axis: string): string {
  return axis.split('.').at(-1)!;
}

function ofStatistics(curve: string, paths: readonly PathView[]): Spread[] {
  const names = [...new Set(paths.flatMap(({ statistics }) => Object.keys(statistics)))];
  const shown = names.filter((name) => wanted.test(name));
  const found = shown.map((name) => paths.flatMap(({ statistics }) => statistics[name] ?? []));
  const spreads = spreadsOf(found);
  return shown.map((statistic, i) => ({
    ...{ curve, path: paths[0]!.kind, statistic, ...spreads[i]! },
  }));
}

/** The moments of each list of values, and the bootstrap interval of its mean. */
export function spreadsOf(
  found: readonly (readonly number[])[],
): readonly Pick<Spread, keyof Moments | 'low' | 'high'>[] {
  const intervals = bootstrapIntervals((generator) =>
    found.map((values) => mean(drawIndices(generator, values.length).map((i) => values[i]!))),
  );
  return found.map((values, i) => {
    const n = values.length;
    const interval = n < 2 ? noInterval('too-few', n) : intervalEnds(intervals[i]!, n);
    return { ...moments(values), ...interval };
  });
}

function ofCorrelations(curve: string, members: readonly CurveView[]): Spread[] {
  const attacks = [...new Set(members.flatMap(({ fitted }) => fitted.attacks.map((a) => a.name)))];
  return attacks.flatMap((attack) => {
    const samples = members.flatMap(({ fitted }) => pathSample(fitted, attack) ?? []);
    if (samples.length === 0) return [];
    const names = predictors.filter((p) => samples.every((sample) => hasOwn(sample.predictors, p)));
    const associations = [...selectAssociations(names, { of: mainPredictor, given: takenOut })];
    const intervals = bootstrapIntervals((generator) => {
      const drawn = drawIndices(generator, samples.length).map((i) => {
        const places = drawIndices(generator, samples[i]!.loss.length);
        return resampled(samples[i]!, places);
      });
      return associations.map(([, of]) => overExisting(drawn.map(of), mean).value);
    });
    return associations.map(([name, association], i) => {
      const found = samples.map(association);
      const there = moments(found.filter(exists).map(({ value }) => value));
      const middle = overExisting(found, mean);
      const none = middle.reason === undefined ? null : noInterval(middle.reason, there.n);
      return {
        ...{ curve, path: 'curve' as const, statistic: `${attack}.${name}`, ...there },
        ...{ mean: middle, ...(none ?? intervalEnds(intervals[i]!, there.n)) },
      };
    });
  });
}

function intervalEnds(interval: Interval | null, n: number): Pick<Spread, 'low' | 'high'> {
  if (interval === null) return noInterval('unstable', n);
  return { low: quantity(interval.low, n), high: quantity(interval.high, n) };
}

function noInterval(reason: AbsenceReason, n: number): Pick<Spread, 'low' | 'high'> {
  const none = { value: NaN, n, reason } as const;
  return { low: none, high: none };
}

function pathSample({ attacks, spectrum }: PathView, attack: string): Sample | null {
  const losses = attacks.find(({ name }) => name === attack)?.series['robust_nll'];
  if (!losses || !spectrum) return null;
  const columns = predictors.map((name) => [name, spectrum.series[name] ?? []] as const);
  const sample = sampleAtPlaces(losses, Object.fromEntries(columns));
  return sample.loss.length === 0 ? null : sample;
}

/** As plain numbers for programs: null where a value does not exist, and why not. */
export function spreadDocument({ curve, path, statistic, n, ...moments }: Spread): unknown {
  const all = Object.entries(moments);
  const values = all.map(([name, one]) => [name, exists(one) ? one.value : null]);
  const reasons = all.flatMap(([name, { reason }]) => (reason ? [[name, reason] as const] : []));
  return {
    ...{ curve, path, statistic, n },
    ...Object.fromEntries(values),
    reasons: Object.fromEntries(reasons),
  };
}

export function spreadTable(spreads: readonly Spread[], axis: string): ResultsTable {
  const rows = spreads.map(({ curve, path, statistic, n, mean: middle, sd, low, high }) => [
    path === 'line' ? `${curve} (line)` : curve,
    statistic,
    String(n),
    ...[middle, sd, low, high].map((one) => shown(one, 3)),
  ]);
  return {
    title: `Over ${axis}: mean, standard deviation, and 95 % bootstrap interval of the mean (over ${axis}; of correlations over ${axis} and t)`,
    head: ['path', 'statistic', 'n', 'mean', 'sd', 'low', 'high'],
    rows,
  };
}
