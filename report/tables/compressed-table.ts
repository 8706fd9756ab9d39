/** Sparse and quantised networks beside the others of an experiment: errors, clean and under every attack, and zeros. */
import { fixed } from '../numbers.js';
import {
  attackNames,
  endpointMeasures,
  networkSeries,
  robustError,
  type NetworkSeries,
} from '../view/endpoint-measures.js';
import type { ExperimentView } from '../view/records.js';
import type { ResultsTable } from './table.js';

const columns: Readonly<Record<NetworkSeries, readonly [label: string, digits: number]>> = {
  weight_density: ['density of weights', 4],
  parameter_density: ['of all parameters', 4],
  zero_weights: ['zero weights %', 1],
  zero_input_channels: ['zero input channels %', 1],
  zero_output_channels: ['zero output channels %', 1],
  removable_channels: ['removable channels %', 1],
};

/** Without a row where no network is sparse or quantised; columns are those that some network has. */
export function compressedTable(view: ExperimentView): ResultsTable {
  const attacks = attackNames(view);
  const found = view.endpoints.map((endpoint) => endpointMeasures(view, endpoint));
  const shown = networkSeries.filter((series) => found.some((measures) => measures.has(series)));
  const rows = view.endpoints.map(({ name, made, testErrorPercent }, i) => [
    ...[name, made, fixed(testErrorPercent, 2)],
    ...attacks.map((attack) => fixed(found[i]!.get(robustError(attack)), 2)),
    ...shown.map((series) => fixed(found[i]!.get(series), columns[series][1])),
  ]);
  return {
    title: 'Sparse and quantised networks',
    caption:
      'Test error, error under each attack measured at an end of a curve, density of the weights of convolutions and dense layers, and zeros of all quantised kernels together; a removable channel is not read by the one layer behind it.',
    head: [
      ...['endpoint', 'training', 'test error %'],
      ...attacks.map((name) => `${name} %`),
      ...shown.map((series) => columns[series][0]),
    ],
    rows: shown.length > 0 ? rows : [],
  };
}
