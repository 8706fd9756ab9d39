/** A user's data sets as a file names them, to the records that planning goes by. */
import { datasetNames } from '../catalogue/datasets.js';
import type { DatasetSpec, OwnDataset } from '../catalogue/own-dataset.js';
import { nearestHint } from '../reading/nearest.js';
import { shortened } from '../reading/shorten.js';
import { SweepMistake } from '../sweep/mistake.js';
import { isFields, type Fields } from '../sweep/paths.js';

export interface OwnDatasets {
  readonly named: (name: string) => OwnDataset | null;
  /** For advice. */
  readonly names: () => readonly string[];
  /** Contents of the files that the experiment names; null: they have not been read. */
  readonly files: DatasetSpec | null;
}

export const noOwnDatasets: OwnDatasets = { named: () => null, names: () => [], files: null };

/** Whether this is a map of files, and not yet a record. */
export function isDatasetFiles(dataset: unknown): dataset is Fields {
  return isFields(dataset) && dataset['digest'] === undefined;
}

/** The document with the record in place of a user's name or files; throws where there is no such data set. */
export function withDataset(document: Fields, own: OwnDatasets): Fields {
  const { dataset } = document;
  if (isDatasetFiles(dataset)) {
    if (own.files !== null) return { ...document, dataset: own.files };
    throw mistake('files cannot be read here; give them a name (isthmus data add) and write that');
  }
  if (typeof dataset !== 'string' || datasetNames.some((name) => name === dataset)) return document;
  const found = own.named(dataset);
  if (found !== null) return { ...document, dataset: found };
  const known = [...datasetNames, ...own.names()];
  const near = nearestHint(dataset, known) || ` (known: ${known.join(', ')})`;
  throw mistake(`no data set is named "${shortened(dataset)}"${near}`);
}

function mistake(what: string): SweepMistake {
  return new SweepMistake(['dataset'], what);
}
