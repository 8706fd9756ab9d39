/** Correlations of an attack's loss with what the spectrum measured at the same places of a path. */
import { hasOwn } from '../experiment/own.js';
import type { MetricRow } from '../experiment/records.js';
import { mainPredictor, predictors, takenOut } from '../experiment/summary-statistics.js';
import {
  associationsOf,
  intervalsOverPlaces,
  sampleAtPlaces,
  type Sample,
} from '../numerics/association.js';

/** By name without the attack's; see experiment/summary-statistics.ts. */
export function correlate(
  attacked: readonly MetricRow[],
  spectrum: readonly MetricRow[],
): Readonly<Record<string, number>> {
  const sample = sampleOf(attacked, spectrum);
  const names = predictors.filter((name) => hasOwn(sample.predictors, name));
  const associations = associationsOf(names, { of: mainPredictor, given: takenOut });
  const intervals = intervalsOverPlaces(sample, [...associations.values()]);
  const found = [...associations].flatMap(([name, association], i) => {
    const value = association(sample);
    const interval = intervals[i]!;
    const [low, high] = Number.isNaN(value) ? [NaN, NaN] : [interval.low, interval.high];
    return [
      [name, value],
      [`${name}.low`, low],
      [`${name}.high`, high],
    ] as const;
  });
  const results = Object.fromEntries(found);
  return {
    pearson: results[`pearson.${mainPredictor}`] ?? NaN,
    spearman: results[`spearman.${mainPredictor}`] ?? NaN,
    correlation_points: sample.loss.length,
    ...results,
  };
}

function sampleOf(attacked: readonly MetricRow[], spectrum: readonly MetricRow[]): Sample {
  const of = (rows: readonly MetricRow[], name: string) => rows.filter((r) => r.series === name);
  return sampleAtPlaces(
    of(attacked, 'robust_nll'),
    Object.fromEntries(predictors.map((name) => [name, of(spectrum, name)])),
  );
}
