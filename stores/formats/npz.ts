/** NumPy's .npz: a zip archive of .npy files. Nothing is unpacked to disk, and no entry beyond what its header says. */
import { crc32 } from 'node:zlib';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import type { ArrayFile } from './array-file.js';
import { FormatError } from './format-error.js';
import { mostHeaderBytes, parseNpyHeader, type NpyHeader } from './npy.js';
import { arrayTypes, elementCount, type StoredTensor } from './tensors.js';

const suffix = '.npy';
const mostEntries = 1000;
/** The least that deflate makes of a byte, with some for its framing. */
const deflateRatio = 1032;

/** Throws a FormatError for what is no zip archive; an entry is looked at when it is asked for. */
export async function openNpz(path: string, mostBytes: number): Promise<ArrayFile> {
  const zip = await openZip(path);
  try {
    const entries = await arrayEntries(zip);
    return {
      names: [...entries.keys()],
      header: (name) => readHeader(zip, entryOf(entries, name), mostBytes),
      read: async (name) => readArray(zip, entryOf(entries, name), mostBytes),
      close: () => zip.close(),
    };
  } catch (error) {
    zip.close();
    throw error;
  }
}

async function openZip(path: string): Promise<ZipFile> {
  try {
    return await openPromise(path, { lazyEntries: true, autoClose: false, strictFileNames: true });
  } catch (cause) {
    throw zipError(cause);
  }
}

type Entries = ReadonlyMap<string, Entry>;

async function arrayEntries(zip: ZipFile): Promise<Entries> {
  const entries = new Map<string, Entry>();
  try {
    if (zip.entryCount > mostEntries)
      throw new FormatError(`${zip.entryCount} entries; it holds few`);
    for await (const entry of zip.eachEntry()) {
      if (entries.has(entry.fileName)) throw new FormatError(`${entry.fileName} is in it twice`);
      entries.set(entry.fileName, entry);
    }
  } catch (cause) {
    throw zipError(cause);
  }
  checkOverlaps([...entries.values()]);
  const arrays = [...entries].filter(([name]) => name.endsWith(suffix));
  return new Map(arrays.map(([name, entry]) => [name.slice(0, -suffix.length), entry]));
}

/** Entries that share bytes are how a small archive is made to unpack to a huge one. */
function checkOverlaps(entries: readonly Entry[]): void {
  const ordered = [...entries].sort(
    (a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader,
  );
  let end = 0;
  for (const { fileName, relativeOffsetOfLocalHeader: start, compressedSize } of ordered) {
    if (start < end) throw new FormatError(`${fileName} shares bytes with another entry`);
    end = start + compressedSize;
  }
}

function entryOf(entries: Entries, name: string): Entry {
  const entry = entries.get(name);
  if (entry === undefined) throw new FormatError(`it holds no array ${name}`);
  return entry;
}

/** Checked against the sizes that the archive gives, before any memory is taken. */
async function readHeader(zip: ZipFile, entry: Entry, mostBytes: number): Promise<NpyHeader> {
  const { uncompressedSize, compressedSize } = entry;
  if (uncompressedSize > deflateRatio * compressedSize) {
    throw new FormatError(`no ${compressedSize} bytes unpack to ${uncompressedSize}`);
  }
  const first = await unpack(zip, entry, Math.min(uncompressedSize, mostHeaderBytes), true);
  const header = parseNpyHeader(first);
  const { shape, dtype, start } = header;
  const size = elementCount(shape) * arrayTypes[dtype].BYTES_PER_ELEMENT;
  const shown = `${dtype} [${shape.join(', ')}]`;
  if (size > mostBytes) throw new FormatError(`${shown} has ${size} bytes; at most ${mostBytes}`);
  if (start + size === uncompressedSize) return header;
  throw new FormatError(`${shown} has ${size} bytes, but ${uncompressedSize - start} are there`);
}

async function readArray(zip: ZipFile, entry: Entry, mostBytes: number): Promise<StoredTensor> {
  const { dtype, shape, start } = await readHeader(zip, entry, mostBytes);
  const bytes = await unpack(zip, entry, entry.uncompressedSize, false);
  if (crc32(bytes) !== entry.crc32) throw new FormatError(`damaged: its CRC is another one`);
  const type = arrayTypes[dtype];
  const data = start % type.BYTES_PER_ELEMENT === 0 ? bytes.subarray(start) : bytes.slice(start);
  const array = new type(data.buffer, data.byteOffset, elementCount(shape));
  return { dtype, shape, data: array } as StoredTensor;
}

/** The first `count` bytes; yauzl ends a stream that gives more or fewer than the archive says. */
async function unpack(
  zip: ZipFile,
  entry: Entry,
  count: number,
  isPrefix: boolean,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(count);
  let at = 0;
  try {
    const stream = await zip.openReadStreamPromise(entry);
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      const part = chunk.subarray(0, count - at);
      bytes.set(part, at);
      at += part.length;
      if (isPrefix && at === count) break;
    }
  } catch (cause) {
    throw zipError(cause);
  }
  if (at < count) throw new FormatError('cut off');
  return bytes;
}

function zipError(cause: unknown): unknown {
  const isSystems = cause instanceof Error && 'syscall' in cause;
  if (cause instanceof FormatError || isSystems) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new FormatError(`not a zip archive, or a damaged one: ${reason}`, { cause });
}
