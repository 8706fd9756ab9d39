/** Repair of a tampered network and its cost: paths beside baselines, by the number of bonafide images. */
import { sourceName } from '../../experiment/specs/run-name.js';
import { moments } from '../view/moments.js';
import { fixed, shown } from '../numbers.js';
import type { ResultsTable } from './table.js';
import { successSeries } from '../view/success.js';
import type { CurveView, ExperimentView, SeriesMap } from '../view/records.js';

/** One network: its accuracy, and how often the tampering still works. */
interface Repaired {
  readonly method: string;
  /** Null: it needs none. */
  readonly bonafide: number | null;
  readonly accuracy: number;
  readonly success: number;
  /** The chosen t of a path; null for the others. */
  readonly t: number | null;
}

type Networks = Pick<ExperimentView, 'curves' | 'endpoints'>;

/** One table for each backdoor and injection; cells are means ± standard deviations over what a sweep repeats. */
export function repairTables(view: Networks): readonly ResultsTable[] {
  return measuredSuccesses(view).map((series) => {
    const networks = [
      ...view.curves.flatMap((curve) => [
        ...repairedEnds(curve, series),
        ...repairedChoice(curve, series),
      ]),
      ...alone(view, series),
    ];
    const sizes = [...new Set(networks.flatMap(({ bonafide }) => bonafide ?? []))];
    sizes.sort((a, b) => a - b);
    const methods = [...new Set(networks.map(({ method }) => method))];
    return {
      title: `Repair: clean accuracy / ${series.replace(/_/g, ' ')} in %, by the number of bonafide images`,
      head: ['network', ...sizes.map(String)],
      rows: methods.map((method) => [
        method,
        ...sizes.map((size) => repairCell(networks, method, size)),
      ]),
    };
  });
}

/** Where nothing is fitted to bonafide images nothing is repaired. */
function measuredSuccesses({ curves, endpoints }: Networks): readonly string[] {
  if (curves.every(({ bonafide }) => bonafide === null)) return [];
  const measured = [
    ...curves.map(({ fitted }) => fitted.evaluation),
    ...endpoints.map(({ alone: own }) => own),
  ];
  return [...new Set(measured.flatMap(successSeries))].sort();
}

/** As they were before any repair. */
function repairedEnds({ name, bonafide, fitted }: CurveView, series: string): Repaired[] {
  return ['t = 0', 't = 1'].flatMap((where, i) => {
    const [error, success] = [
      valueAt(fitted.evaluation, 'test_error', i),
      valueAt(fitted.evaluation, series, i),
    ];
    if (bonafide === null || error === undefined || success === undefined) return [];
    return [
      {
        method: `path ${sourceName(name)}, ${where} (tampered)`,
        bonafide,
        accuracy: 100 - error,
        success,
        t: null,
      },
    ];
  });
}

function repairedChoice(
  { name, bonafide, fitted: { statistics } }: CurveView,
  series: string,
): Repaired[] {
  const how = { chosen: 't by held-out bonafide images', oracle: 't by test images' };
  return Object.entries(how).flatMap(([choice, words]) => {
    const [t, error, success] = ['t', 'test_error', series].map(
      (of) => statistics[`${choice}.${of}`],
    );
    if (t === undefined || error === undefined || success === undefined) return [];
    const method = `path ${sourceName(name)}, ${words}`;
    return [{ method, bonafide, accuracy: 100 - error, success, t }];
  });
}

function alone({ endpoints }: Networks, series: string): Repaired[] {
  return endpoints.flatMap(({ name, bonafide, alone: own }) => {
    const [error, success] = [valueAt(own, 'test_error', 0), valueAt(own, series, 0)];
    if (error === undefined || success === undefined) return [];
    return [{ method: sourceName(name), bonafide, accuracy: 100 - error, success, t: null }];
  });
}

function valueAt(series: SeriesMap, name: string, x: number): number | undefined {
  return series[name]?.find((point) => point.x === x)?.value;
}

function repairCell(networks: readonly Repaired[], method: string, size: number): string {
  const found = networks.filter(
    (one) => one.method === method && (one.bonafide === size || one.bonafide === null),
  );
  if (found.length === 0) return '–';
  const ts = [...new Set(found.flatMap(({ t }) => (t === null ? [] : fixed(t, 2))))].sort();
  const at = ts.length === 0 ? '' : ` at ${ts.join(', ')}`;
  return `${spread(found.map((one) => one.accuracy))} / ${spread(found.map((one) => one.success))}${at}`;
}

function spread(values: readonly number[]): string {
  const { n, mean, sd } = moments(values);
  return n === 1 ? shown(mean, 1) : `${shown(mean, 1)} ± ${shown(sd, 1)}`;
}
