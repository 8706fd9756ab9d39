/** Whole files of a user, up to a size. */
import { readFile, stat } from 'node:fs/promises';
import { FormatError } from '../../formats/format-error.js';
import { mostFileBytes } from './limits.js';

/** Throws a FormatError for what is no file or too large. */
export async function readBytes(path: string, most = mostFileBytes): Promise<Uint8Array> {
  const found = await stat(path);
  if (!found.isFile()) throw new FormatError('not a file');
  if (found.size > most) {
    throw new FormatError(`${found.size} bytes; at most ${most} are read`);
  }
  return readFile(path);
}
