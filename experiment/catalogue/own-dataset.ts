/** Data sets that a user brings: known by the digest of their contents, with what planning needs of them. */
import { datasets, type DatasetFacts, type DatasetName } from './datasets.js';

export interface OwnDataset extends DatasetFacts {
  /** For people: it may be another one on another machine. */
  readonly name: string;
  /** sha256 of the contents (stores/datasets/contents.ts). */
  readonly digest: string;
  readonly trainPerClass: readonly number[];
}

/** A data set of the catalogue, or a user's. */
export type DatasetSpec = DatasetName | OwnDataset;

/** Facts of it that planning and training need. */
export function describeDataset(dataset: DatasetSpec): DatasetFacts {
  return typeof dataset === 'string' ? datasets[dataset] : dataset;
}

/** A text that tells data sets apart, whatever a user calls them. */
export function datasetIdentity(dataset: DatasetSpec): string {
  return typeof dataset === 'string' ? dataset : dataset.digest;
}

/** Without the name, which decides no result. */
export function significantDataset(
  dataset: DatasetSpec,
): DatasetName | Pick<OwnDataset, 'digest' | 'shape'> {
  if (typeof dataset === 'string') return dataset;
  const { digest, shape } = dataset;
  return { digest, shape };
}

/** Among the fields of a specification. */
export function isOwnDataset(field: object): field is OwnDataset {
  return 'digest' in field && 'trainPerClass' in field;
}
