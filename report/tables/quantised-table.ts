/** Quantised networks beside the float ones of an experiment: errors, clean and under every attack, and zeros. */
import { fixed } from '../numbers.js';
import type { ExperimentView, RunView } from '../view/records.js';
import type { ResultsTable } from './table.js';

const zeros = [
  ['zero_weights', 'zero weights %'],
  ['zero_input_channels', 'zero input channels %'],
  ['zero_output_channels', 'zero output channels %'],
  ['removable_channels', 'removable channels %'],
] as const;

/** Without a row where no network is quantised. */
export function quantisedTable(view: ExperimentView): ResultsTable {
  const attacks = attackNames(view);
  const heads = zeros.map(([, label]) => label);
  const isQuantised = ({ series }: RunView) => series['zero_weights'] !== undefined;
  const rows = view.runs.some(isQuantised) ? networkRows(view, attacks) : [];
  return {
    title: 'Quantised networks',
    caption:
      'Test error, error under each attack measured at an end of a curve, and zeros of all quantised kernels together; a removable channel is not read by the one layer behind it.',
    head: [
      ...['endpoint', 'training', 'test error %'],
      ...attacks.map((name) => `${name} %`),
      ...heads,
    ],
    rows,
  };
}

function attackNames({ curves }: ExperimentView): readonly string[] {
  return [...new Set(curves.flatMap(({ fitted }) => fitted.attacks.map(({ name }) => name)))];
}

function networkRows(view: ExperimentView, attacks: readonly string[]): string[][] {
  return view.endpoints.map(({ name, made, testErrorPercent }) => {
    const run = view.runs.find((one) => one.name === `endpoint/${name}`);
    return [
      ...[name, made, fixed(testErrorPercent, 2)],
      ...attacks.map((attack) => fixed(errorAtEnd(view, name, attack), 2)),
      ...zeros.map(([series]) => fixed(run?.series[series]?.at(-1)?.value, 1)),
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
