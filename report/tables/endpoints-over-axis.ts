/** Mean and spread of what is measured of endpoints that differ in one axis of a sweep alone, such as the seed. */
import { exists } from '../../experiment/records/quantity.js';
import { shown } from '../numbers.js';
import { endpointMeasures } from '../view/endpoint-measures.js';
import type { ExperimentView } from '../view/records.js';
import { groupWithoutAxis, spreadsOf, type Spread } from './over-axis.js';
import type { ResultsTable } from './table.js';

export interface EndpointSpread extends Omit<Spread, 'curve' | 'path'> {
  /** The endpoint without the axis. */
  readonly endpoint: string;
}

export function endpointsOverAxis(view: ExperimentView, axis: string): readonly EndpointSpread[] {
  const groups = groupWithoutAxis(view.endpoints, ({ name }) => name, axis);
  return [...groups].flatMap(([endpoint, members]) => {
    const found = members.map((member) => endpointMeasures(view, member));
    const names = [...new Set(found.flatMap((measures) => [...measures.keys()]))];
    const values = names.map((name) => found.flatMap((measures) => measures.get(name) ?? []));
    const spreads = spreadsOf(values);
    return names.map((statistic, i) => ({ endpoint, statistic, ...spreads[i]! }));
  });
}

/** As plain numbers for programs: null where a value does not exist. */
export function endpointSpreadDocument({ endpoint, statistic, n, ...moments }: EndpointSpread) {
  const values = Object.entries(moments).map(([name, one]) => [
    name,
    exists(one) ? one.value : null,
  ]);
  return {
    endpoint,
    statistic,
    n,
    ...(Object.fromEntries(values) as Record<string, number | null>),
  };
}

export function endpointSpreadTable(
  spreads: readonly EndpointSpread[],
  axis: string,
): ResultsTable {
  return {
    title: `Endpoints over ${axis}: mean, standard deviation, and 95 % bootstrap interval of the mean`,
    head: ['endpoint', 'statistic', 'n', 'mean', 'sd', 'low', 'high'],
    rows: spreads.map(({ endpoint, statistic, n, mean, sd, low, high }) => [
      ...[endpoint, statistic, String(n)],
      ...[mean, sd, low, high].map((one) => shown(one, 3)),
    ]),
  };
}
