/** Named arrays of a file, of which headers are read before any data. */
import type { Dtype, StoredTensor } from './tensors.js';

export interface ArrayHeader {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
}

export interface ArrayFile {
  readonly names: readonly string[];
  /** Throws a FormatError for an array of a kind that is not read. */
  readonly header: (name: string) => Promise<ArrayHeader>;
  readonly read: (name: string) => Promise<StoredTensor>;
  readonly close: () => void;
}
