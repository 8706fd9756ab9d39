/** Single values of an endpoint: its errors, clean and under every attack, its density and its zeros. */
import type { SeriesName } from '../../experiment/kinds/series.js';
import type { EndpointView, ExperimentView } from './records.js';

/** Series of a run of which the last value says something of its network. */
export const networkSeries = [
  'weight_density',
  'parameter_density',
  'zero_weights',
  'zero_input_channels',
  'zero_output_channels',
  'removable_channels',
] as const satisfies readonly SeriesName<'endpoint'>[];

export type NetworkSeries = (typeof networkSeries)[number];

/** By name: `test_error` (%), `test_nll` (nats), `ATTACK.robust_error` (%) and `networkSeries`; those that exist. */
export function endpointMeasures(
  view: ExperimentView,
  { name, testErrorPercent, testNll, series }: EndpointView,
): ReadonlyMap<string, number> {
  const found: readonly (readonly [string, number | null])[] = [
    ['test_error', testErrorPercent],
    ['test_nll', testNll],
    ...attackNames(view).map(
      (attack) => [robustError(attack), errorAtEnd(view, name, attack)] as const,
    ),
    ...networkSeries.map((one) => [one, series[one]?.at(-1)?.value ?? null] as const),
  ];
  return new Map(found.filter((one): one is readonly [string, number] => one[1] !== null));
}

export function robustError(attack: string): string {
  return `${attack}.robust_error`;
}

/** Names of the attacks along the curves. */
export function attackNames({ curves }: ExperimentView): readonly string[] {
  return [...new Set(curves.flatMap(({ fitted }) => fitted.attacks.map(({ name }) => name)))];
}

/** Robust error, per cent, where the first curve begins or ends at the endpoint; null: no curve does. */
function errorAtEnd({ curves }: ExperimentView, endpoint: string, attack: string): number | null {
  for (const { ends, fitted } of curves) {
    const [start, end] = ends;
    const t = start === endpoint ? 0 : end === endpoint ? 1 : null;
    const measured = fitted.attacks.find(({ name }) => name === attack);
    const found = measured?.series['robust_error']?.find(({ x }) => x === t);
    if (found !== undefined) return found.value;
  }
  return null;
}
