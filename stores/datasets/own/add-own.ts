/** Adds a user's files to the data folder; contents that the catalogue knows become that data set. */
import { datasets, type DatasetDescription } from '../../../experiment/catalogue/datasets.js';
import type { DatasetSpec, OwnDataset } from '../../../experiment/catalogue/own-dataset.js';
import { UserError } from '../../../experiment/errors.js';
import { rebuiltLayout, storeSplits } from '../import-dataset.js';
import { describeContents, findOwn, storeContents, storeRecord } from './own-store.js';
import { readOwnFiles, type OwnContents, type OwnSource } from './read-own-files.js';

/** Files that were read, and the data set that they are. */
export interface ReadOwn extends OwnContents {
  readonly dataset: OwnDataset;
  /** The one of the catalogue with these contents, or null. */
  readonly known: DatasetDescription | null;
}

export async function readOwnData(name: string, source: OwnSource): Promise<ReadOwn> {
  const read = await readOwnFiles(source);
  const dataset = describeContents(name, read.contents);
  const known = Object.values(datasets).find(({ contents }) => contents === dataset.digest);
  return { ...read, dataset, known: known ?? null };
}

/** The data set that an experiment names: the one of the catalogue, if it is that. */
export function specOf({ dataset, known }: ReadOwn): DatasetSpec {
  return known === null ? dataset : known.name;
}

/** Under its digest, or as the files of the one of the catalogue. */
export async function keepContents(read: ReadOwn, dataDir: string): Promise<void> {
  const { known, contents, dataset } = read;
  if (known === null) await storeContents(dataset, contents, dataDir);
  else if (rebuiltLayout(known) !== null) await storeSplits(known, contents, dataDir);
}

/** The same, with a record of its name. Throws a UserError where the name is another data set's already. */
export async function addOwn(read: ReadOwn, source: OwnSource, dataDir: string): Promise<void> {
  const { dataset, classNames, heldOut, known } = read;
  const { name, digest } = dataset;
  const before = known === null ? findOwn(name, dataDir) : null;
  if (before !== null && before.dataset.digest !== digest) throw taken(name, before.dataset);
  await keepContents(read, dataDir);
  const { format, files } = source;
  const about = { source: { format, files: [...files] }, classNames: [...classNames], heldOut };
  if (known === null) await storeRecord({ dataset, ...about }, dataDir);
}

function taken(name: string, { digest }: OwnDataset): UserError {
  return new UserError('bad-input', `${name} is another data set already (sha256 ${digest})`, {
    hint: `give this one another name, or remove own/${name}.json from the data folder`,
  });
}
