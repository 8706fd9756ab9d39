/** Unpacks published files: gzip and tar archives. */
import { promisify } from 'node:util';
import { gunzip as gunzipCallback } from 'node:zlib';
import { parseTar } from 'nanotar';

export const gunzip: (bytes: Uint8Array) => Promise<Uint8Array> = promisify(gunzipCallback);

/** The files of an archive by their names without folders. */
export function untar(bytes: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const files = parseTar(bytes).filter(({ type, data }) => type === 'file' && data !== undefined);
  return new Map(files.map(({ name, data }) => [name.slice(name.lastIndexOf('/') + 1), data!]));
}
