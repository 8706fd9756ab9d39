/** A user's data sets, networks and weights as a file names them, to the records that planning goes by. */
import { datasetNames } from '../catalogue/datasets.js';
import type { DatasetSpec, OwnDataset } from '../catalogue/own-dataset.js';
import type { OwnModel } from '../catalogue/models/own-model.js';
import type { ImportedWeights } from '../config/imported.js';
import { hasOwn } from '../own.js';
import { nearestHint } from '../reading/nearest.js';
import { shortened } from '../reading/shorten.js';
import { SweepMistake } from '../sweep/mistake.js';
import { isFields, type Fields, type Path } from '../sweep/paths.js';
import { readLayers } from './read-layers.js';

export interface UserData {
  readonly named: (name: string) => OwnDataset | null;
  /** For advice. */
  readonly names: () => readonly string[];
  /** Contents of the files that the experiment names; null: they have not been read. */
  readonly files: DatasetSpec | null;
  /** Networks by the path of their module as the file writes it, as far as they have been read. */
  readonly modules: ReadonlyMap<string, OwnModel>;
  /** Weights that endpoints import, by the endpoint's name, as far as they have been read. */
  readonly imports: ReadonlyMap<string, ImportedWeights>;
}

export const noUserData: UserData = {
  named: () => null,
  names: () => [],
  files: null,
  modules: new Map(),
  imports: new Map(),
};

/** Whether this is a map of files, and not yet a record. */
export function isDatasetFiles(dataset: unknown): dataset is Fields {
  return isFields(dataset) && dataset['digest'] === undefined;
}

/** The document with the record in place of a user's name or files; throws where there is no such data set. */
export function withDataset(document: Fields, own: UserData): Fields {
  const { dataset } = document;
  if (isDatasetFiles(dataset)) {
    if (own.files !== null) return { ...document, dataset: own.files };
    throw mistake(
      ['dataset'],
      'files cannot be read here; give them a name (isthmus data add) and write that',
    );
  }
  if (typeof dataset !== 'string' || datasetNames.some((name) => name === dataset)) return document;
  const found = own.named(dataset);
  if (found !== null) return { ...document, dataset: found };
  const known = [...datasetNames, ...own.names()];
  const near = nearestHint(dataset, known) || ` (known: ${known.join(', ')})`;
  throw mistake(['dataset'], `no data set is named "${shortened(dataset)}"${near}`);
}

/** Whether this is the path of a module, and no name of the catalogue. */
export function isModulePath(model: unknown): model is string {
  return typeof model === 'string' && /[/\\]|\.m?js$/.test(model);
}

/** The document with the record in place of layers or of a module's path; throws at the first wrong layer. */
export function withModel(document: Fields, { modules }: UserData): Fields {
  const { model } = document;
  if (isModulePath(model)) {
    const read = modules.get(model);
    if (read !== undefined) return { ...document, model: read };
    throw mistake(['model'], `the module ${shortened(model)} cannot be read here`);
  }
  const isRecord = isFields(model) && (hasOwn(model, 'architecture') || hasOwn(model, 'module'));
  return !isFields(model) || isRecord ? document : { ...document, model: readLayers(model) };
}

/** The document with the records of weights in place of their files; throws where these have not been read. */
export function withImports(document: Fields, { imports }: UserData): Fields {
  const { endpoints } = document;
  if (!isFields(endpoints)) return document;
  const read = Object.entries(endpoints).map(([name, entry]) => {
    if (!isFields(entry) || typeof entry['import'] !== 'string') return [name, entry] as const;
    const weights = imports.get(name);
    if (weights !== undefined) return [name, { ...entry, import: weights }] as const;
    throw mistake(['endpoints', name, 'import'], 'files cannot be read here');
  });
  return { ...document, endpoints: Object.fromEntries(read) };
}

function mistake(at: Path, what: string): SweepMistake {
  return new SweepMistake(at, what);
}
