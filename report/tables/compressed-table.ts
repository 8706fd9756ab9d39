/** Sparse and quantised networks beside the others of an experiment: errors, clean and under every attack, and zeros. */
import type { SeriesName } from '../../experiment/kinds/series.js';
import { fixed } from '../numbers.js';
import type { ExperimentView, RunView } from '../view/records.js';
import type { ResultsTable } from './table.js';

/** The last value of a series of its run, as one column. */
interface Measure {
  readonly series: SeriesName<'endpoint'>;
  readonly label: string;
  readonly digits: number;
}

const measures: readonly Measure[] = [
  { series: 'weight_density', label: 'density of weights', digits: 4 },
  { series: 'parameter_density', label: 'of all parameters', digits: 4 },
  { series: 'zero_weights', label: 'zero weights %', digits: 1 },
  { series: 'zero_input_channels', label: 'zero input channels %', digits: 1 },
  { series: 'zero_output_channels', label: 'zero output channels %', digits: 1 },
  { series: 'removable_channels', label: 'removable channels %', digits: 1 },
];

/** Without a row where no network is sparse or quantised; columns are those that some network has. */
export function compressedTable(view: ExperimentView): ResultsTable {
  const attacks = attackNames(view);
  const shown = measures.filter(({ series }) =>
    view.runs.some((run) => last(run, series) !== null),
  );
  return {
    title: 'Sparse and quantised networks',
    caption:
      'Test error, error under each attack measured at an end of a curve, density of the weights of convolutions and dense layers, and zeros of all quantised kernels together; a removable channel is not read by the one layer behind it.',
    head: [
      ...['endpoint', 'training', 'test error %'],
      ...attacks.map((name) => `${name} %`),
      ...shown.map(({ label }) => label),
    ],
    rows: shown.length > 0 ? networkRows(view, attacks, shown) : [],
  };
}

function attackNames({ curves }: ExperimentView): readonly string[] {
  return [...new Set(curves.flatMap(({ fitted }) => fitted.attacks.map(({ name }) => name)))];
}

function last(run: RunView | undefined, series: SeriesName<'endpoint'>): number | null {
  return run?.series[series]?.at(-1)?.value ?? null;
}

function networkRows(
  view: ExperimentView,
  attacks: readonly string[],
  shown: readonly Measure[],
): string[][] {
  return view.endpoints.map(({ name, made, testErrorPercent }) => {
    const run = view.runs.find((one) => one.name === `endpoint/${name}`);
    return [
      ...[name, made, fixed(testErrorPercent, 2)],
      ...attacks.map((attack) => fixed(errorAtEnd(view, name, attack), 2)),
      ...shown.map(({ series, digits }) => fixed(last(run, series), digits)),
    ];
  });
}

/** Robust error, per cent, where the first curve begins or ends at the endpoint; null: no curve does. */
function errorAtEnd({ curves }: ExperimentView, endpoint: string, attack: string) {
  for (const { from, to, fitted } of curves) {
    const t = from === endpoint ? 0 : to === endpoint ? 1 : null;
    const measured = fitted.attacks.find(({ name }) => name === attack);
    const found = measured?.series['robust_error']?.find(({ x }) => x === t);
    if (found !== undefined) return found.value;
  }
  return null;
}
