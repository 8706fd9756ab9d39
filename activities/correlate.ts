/** Correlations of an attack's loss with the spectrum's measurements at the same curve points. */
import { hasOwn } from '../experiment/own.js';
import { absent, exists, type Quantity } from '../experiment/records/quantity.js';
import type { MetricRow } from '../experiment/records/records.js';
import { mainPredictor, predictors, takenOut } from '../experiment/catalogue/series/summary.js';
import {
  selectAssociations,
  intervalsOverPlaces,
  sampleAtPlaces,
  type Sample,
} from '../numerics/analysis/association.js';
import type { Interval } from '../numerics/analysis/bootstrap.js';

/** By name without the attack's; see experiment/catalogue/series/summary.ts. */
export function correlate(
  attacked: readonly MetricRow[],
  spectrum: readonly MetricRow[],
): Readonly<Record<string, Quantity>> {
  const sample = makeSample(attacked, spectrum);
  const n = sample.loss.length;
  const names = predictors.filter((name) => hasOwn(sample.predictors, name));
  const associations = selectAssociations(names, { of: mainPredictor, given: takenOut });
  const intervals = n === 0 ? [] : intervalsOverPlaces(sample, [...associations.values()]);
  const found = [...associations].flatMap(([name, association], i) => {
    const value = association(sample);
    const [low, high] = intervalEnds(value, intervals[i] ?? null, n);
    return [
      [name, value],
      [`${name}.low`, low],
      [`${name}.high`, high],
    ] as const;
  });
  const results = Object.fromEntries(found);
  return {
    pearson: results[`pearson.${mainPredictor}`] ?? absent('no-values', 0),
    spearman: results[`spearman.${mainPredictor}`] ?? absent('no-values', 0),
    correlation_points: { value: n },
    ...results,
  };
}

/** A correlation that does not exist has no interval, for the same reason. */
function intervalEnds(value: Quantity, interval: Interval | null, n: number): [Quantity, Quantity] {
  if (value.reason !== undefined) return [value, value];
  const end = (at: number | undefined) =>
    at === undefined ? absent('unstable', n) : { value: at, n };
  return [end(interval?.low), end(interval?.high)];
}

/** At the places where both have a value. */
function makeSample(attacked: readonly MetricRow[], spectrum: readonly MetricRow[]): Sample {
  const of = (rows: readonly MetricRow[], name: string) =>
    rows.filter((row) => row.series === name && exists(row));
  return sampleAtPlaces(
    of(attacked, 'robust_nll'),
    Object.fromEntries(predictors.map((name) => [name, of(spectrum, name)])),
  );
}
