/** The catalogue of everything measured: one table of series for each kind of run. */
import type { NamesIn, SeriesEntry, SeriesTable } from '../catalogue/series/entry.js';
import type { SummaryName } from '../catalogue/series/summary.js';
import type { transferSeries } from '../catalogue/series/transfer.js';
import { kinds, type RunKind } from './index.js';

type SeriesTables = { readonly [K in RunKind]: (typeof kinds)[K]['series'] };

/** The series of a summary are statistics of other series. */
export const seriesTables = Object.fromEntries(
  Object.entries(kinds).map(([kind, { series }]) => [kind, series]),
) as SeriesTables;

/** Names of the series that a kind of run may store. */
export type SeriesName<K extends RunKind = RunKind> = {
  [Kind in K]: Kind extends 'summary' ? SummaryName : NamesIn<SeriesTables[Kind]>;
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
