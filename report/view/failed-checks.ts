/** Validity checks of a measurement that failed, and what they put in doubt. */
import { seriesCatalogue } from '../../experiment/kinds/series.js';
import type { FailedCheck, SeriesMap } from './records.js';

/** The checks among the series of a run; a value that is no number passes none. */
export function failedChecks(series: SeriesMap): readonly FailedCheck[] {
  return Object.entries(seriesCatalogue).flatMap(([name, { check }]) => {
    const points = series[name] ?? [];
    if (check === undefined) return [];
    const failed = points.filter(({ value }) => !(value <= check.limit));
    return failed.length === 0 ? [] : [{ ...check, series: name, failed, measured: points.length }];
  });
}

/** `zero gradient failed: attack_zero_gradient up to 0.03 (limit 0) at 2 of 11 t`. */
function describeFailure({ name, series, limit, failed, measured }: FailedCheck): string {
  const worst = Math.max(...failed.map(({ value }) => value));
  const value = failed.length === 1 ? shortNumber(worst) : `up to ${shortNumber(worst)}`;
  const [only] = failed;
  const places = measured === 1 ? `t = ${only!.x}` : `${failed.length} of ${measured} t`;
  return `${name} failed: ${series} ${value} (limit ${limit}) at ${places}`;
}

/** One sentence below a table or in a caption. */
export function explainFailure(check: FailedCheck): string {
  return `Check ${describeFailure(check)}. ${capitalised(check.meaning)} (${check.docs}).`;
}

/** One line for a run. */
export function checksWarning(failures: readonly FailedCheck[]): string {
  const checks = failures.map(describeFailure).join('; ');
  return `warning: its results are in doubt, check ${checks}; see ${failures[0]!.docs}`;
}

function shortNumber(value: number): string {
  return String(Number(value.toPrecision(2)));
}

function capitalised(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
