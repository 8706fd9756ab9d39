/** The catalogue of everything measured: one table of series for each kind of run. */
import type { RunKind } from '../../kinds/index.js';
import { attackSeries } from './attack.js';
import { ensembleSeries } from './ensemble.js';
import type { NamesIn, SeriesEntry, SeriesTable } from './entry.js';
import { evaluationSeries } from './evaluation.js';
import { probeSeries } from './probe.js';
import { spectrumSeries } from './spectrum.js';
import type { SummaryName } from './summary.js';
import {
  curvePointSeries,
  curveSeries,
  endpointSeries,
  injectionSeries,
  noiseSeries,
} from './training.js';
import { transferSeries } from './transfer.js';

/** The series of a summary are statistics of other series (summary.ts). */
export const seriesTables = {
  endpoint: endpointSeries,
  injection: injectionSeries,
  noise: noiseSeries,
  'curve-point': curvePointSeries,
  curve: curveSeries,
  evaluation: evaluationSeries,
  attack: attackSeries,
  spectrum: spectrumSeries,
  transfer: transferSeries,
  ensemble: ensembleSeries,
  summary: {},
  probe: probeSeries,
} as const satisfies { readonly [K in RunKind]: SeriesTable };

/** Names of the series that a kind of run may store. */
export type SeriesName<K extends RunKind = RunKind> = {
  [Kind in K]: Kind extends 'summary' ? SummaryName : NamesIn<(typeof seriesTables)[Kind]>;
}[K];

/** Every series or family by its name in the catalogue; series that several kinds share are equal in all. */
export const seriesCatalogue: SeriesTable = Object.fromEntries(
  Object.values<SeriesTable>(seriesTables).flatMap((table) => Object.entries(table)),
);

/** The declaration of a series or, for `attack_success:square`, of its family. */
export function seriesEntry(series: string): SeriesEntry | undefined {
  return seriesCatalogue[series.split(':')[0]!];
}

/** The series of a family of transfer: crafted at this t. x is the t where the images were classified. */
export function craftedAt<Name extends keyof typeof transferSeries>(
  series: Name,
  t: number,
): `${Name}@${number}` {
  return `${series}@${t}`;
}
