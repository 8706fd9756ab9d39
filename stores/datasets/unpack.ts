/** Unpacks published files: gzip and tar archives. */
import { promisify } from 'node:util';
import { gunzip as gunzipCallback, type InputType, type ZlibOptions } from 'node:zlib';
import { parseTar } from 'nanotar';
import { FormatError } from '../formats/format-error.js';

/** No data set that is read has more: a file that unpacks to more is not one. */
const mostUnpacked = 2 ** 30;

const unzip: (bytes: InputType, options: ZlibOptions) => Promise<Buffer> =
  promisify(gunzipCallback);

/** Throws a FormatError for what is no gzip, is cut off, or unpacks to more than 1 GiB. */
export async function gunzip(bytes: Uint8Array, most = mostUnpacked): Promise<Uint8Array> {
  try {
    return await unzip(bytes, { maxOutputLength: most });
  } catch (cause) {
    const tooLarge = cause instanceof RangeError;
    const what = tooLarge ? `it unpacks to more than ${most} bytes` : 'not a gzip file, or cut off';
    throw new FormatError(what, { cause });
  }
}

/** Whether the bytes begin as a gzip file does. */
export function isGzip([first, second]: Uint8Array): boolean {
  return first === 0x1f && second === 0x8b;
}

/** The files of an archive by their names without folders. */
export function untar(bytes: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const files = parseTar(ownBuffer(bytes)).filter(
    ({ type, data }) => type === 'file' && data !== undefined,
  );
  return new Map(files.map(({ name, data }) => [name.slice(name.lastIndexOf('/') + 1), data!]));
}

/** nanotar reads the whole buffer below a view. */
function ownBuffer(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : Uint8Array.from(bytes);
}
