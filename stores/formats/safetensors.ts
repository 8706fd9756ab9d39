/**
 * Named tensors to one file and back, in the safetensors format: u64 header length, JSON header, packed little-endian
 * data. Equal tensors give equal bytes, so a file's sha256 names its content.
 */
import { z } from 'zod';
import { FormatError } from './format-error.js';
import { duplicateKey } from './json-keys.js';
import { arrayTypes, dtypes, elementCount, type Dtype, type StoredTensor } from './tensors.js';

/** The bytes are not a safetensors file, or tensors cannot become one. */
export class SafetensorsError extends FormatError {
  override readonly name = 'SafetensorsError';
}

export interface DecodedTensors {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

const metadataName = '__metadata__';
const prefixBytes = 8;
/** Data then starts at a multiple of every element size. */
const alignmentBytes = 8;
/** The limit of the reference implementation. */
const maxHeaderBytes = 100_000_000;

export function encodeSafetensors(
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const ordered = [...tensors].sort(byTypeThenName);
  const fields = Object.keys(metadata).length > 0 ? [metadataField(metadata)] : [];
  let offset = 0;
  for (const [name, tensor] of ordered) {
    checkTensor(name, tensor);
    const end = offset + tensor.data.byteLength;
    const { dtype, shape } = tensor;
    fields.push(field(name, { dtype, shape, data_offsets: [offset, end] }));
    offset = end;
  }
  const header = padded(Buffer.from(`{${fields.join(',')}}`));
  const bytes = new Uint8Array(prefixBytes + header.length + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, prefixBytes);
  let at = prefixBytes + header.length;
  for (const [, { data }] of ordered) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/** Tensors are views of `bytes` where these lie aligned in memory, else copies. */
export function decodeSafetensors(bytes: Uint8Array): DecodedTensors {
  const { header, data } = split(bytes);
  const { [metadataName]: about, ...entries } = parseHeader(header);
  const metadata = about === undefined ? {} : parseMetadata(about);
  const described = Object.entries(entries)
    .map(([name, entry]) => [name, parseEntry(name, entry)] as const)
    .sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  checkCoverage(described, data.byteLength);
  const tensors = new Map(described.map(([name, entry]) => [name, view(data, entry)]));
  return { tensors, metadata };
}

interface Entry {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Byte offsets in the data part. */
  readonly begin: number;
  readonly end: number;
}

const natural = z.int().min(0);
const entrySchema = z.strictObject({
  dtype: z.enum(dtypes),
  shape: z.array(natural),
  data_offsets: z.tuple([natural, natural]),
});

function byTypeThenName(
  [a, { dtype: typeA }]: readonly [string, StoredTensor],
  [b, { dtype: typeB }]: readonly [string, StoredTensor],
): number {
  const byType = dtypes.indexOf(typeB) - dtypes.indexOf(typeA);
  return byType || Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Written field by field: an object would move names that look like numbers to the front. */
function field(name: string, value: unknown): string {
  return `${JSON.stringify(name)}:${JSON.stringify(value)}`;
}

function metadataField(metadata: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify(metadataName)}:{${pairs.map(([k, v]) => field(k, v)).join(',')}}`;
}

function checkTensor(name: string, { dtype, shape, data }: StoredTensor): void {
  if (name === metadataName) {
    throw new SafetensorsError(`a tensor cannot be named ${metadataName}: the format reserves it`);
  }
  if (!(data instanceof arrayTypes[dtype])) {
    throw new SafetensorsError(`tensor ${name}: ${dtype} does not hold a ${data.constructor.name}`);
  }
  if (!shape.every((side) => Number.isSafeInteger(side) && side >= 0)) {
    throw new SafetensorsError(
      `tensor ${name}: shape [${shape.join(', ')}] is not natural numbers`,
    );
  }
  if (elementCount(shape) !== data.length) {
    const shown = `[${shape.join(', ')}]`;
    throw new SafetensorsError(
      `tensor ${name}: shape ${shown} holds ${elementCount(shape)} elements, the data ${data.length}`,
    );
  }
}

function padded(header: Uint8Array): Uint8Array {
  const length = Math.ceil(header.length / alignmentBytes) * alignmentBytes;
  if (length > maxHeaderBytes) {
    throw new SafetensorsError(
      `a header of ${length} bytes is over the limit of ${maxHeaderBytes}`,
    );
  }
  const bytes = new Uint8Array(length).fill(0x20);
  bytes.set(header);
  return bytes;
}

function split(bytes: Uint8Array): { readonly header: Uint8Array; readonly data: Uint8Array } {
  if (bytes.length < prefixBytes) {
    throw new SafetensorsError(`${bytes.length} bytes are too few for a safetensors file`);
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > BigInt(maxHeaderBytes)) {
    throw new SafetensorsError(
      `a header of ${length} bytes is over the limit of ${maxHeaderBytes}`,
    );
  }
  const start = prefixBytes + Number(length);
  if (start > bytes.length) {
    throw new SafetensorsError(
      `cut off: the header ends at byte ${start}, the file at ${bytes.length}`,
    );
  }
  return { header: bytes.subarray(prefixBytes, start), data: bytes.subarray(start) };
}

function parseHeader(header: Uint8Array): Readonly<Record<string, unknown>> {
  let value: unknown;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(header);
    value = JSON.parse(text);
  } catch (cause) {
    throw new SafetensorsError('the header is not JSON', { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SafetensorsError('the header is not a JSON object');
  }
  const twice = duplicateKey(text);
  if (twice !== null) throw new SafetensorsError(`the header names ${twice} twice`);
  return value as Readonly<Record<string, unknown>>;
}

/** Checked by hand: a zod record leaves a key named __proto__ out. */
function parseMetadata(value: unknown): Readonly<Record<string, string>> {
  parsed(z.looseObject({}), value, metadataName);
  for (const [key, text] of Object.entries(value as object)) {
    parsed(z.string(), text, `${metadataName}.${key}`);
  }
  return value as Readonly<Record<string, string>>;
}

function parseEntry(name: string, value: unknown): Entry {
  const entry = parsed(entrySchema, value, `tensor ${name}`);
  const { dtype, shape } = entry;
  const [begin, end] = entry.data_offsets;
  const needed = elementCount(shape) * arrayTypes[dtype].BYTES_PER_ELEMENT;
  if (end - begin !== needed) {
    const shown = `[${shape.join(', ')}]`;
    throw new SafetensorsError(
      `tensor ${name}: ${dtype} ${shown} needs ${needed} bytes, its offsets span ${end - begin}`,
    );
  }
  return { dtype, shape, begin, end };
}

function parsed<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = [what, ...(issue?.path ?? [])].map(String).join('.');
  throw new SafetensorsError(`${where}: ${issue?.message ?? 'not valid'}`, { cause: result.error });
}

/** No holes and no overlaps: every byte belongs to exactly one tensor. */
function checkCoverage(ordered: readonly (readonly [string, Entry])[], dataBytes: number): void {
  let covered = 0;
  for (const [name, { begin, end }] of ordered) {
    if (begin !== covered) {
      throw new SafetensorsError(`tensor ${name} starts at byte ${begin}, expected ${covered}`);
    }
    covered = end;
  }
  if (covered !== dataBytes) {
    throw new SafetensorsError(`the tensors cover ${covered} bytes of ${dataBytes} bytes of data`);
  }
}

function view(data: Uint8Array, { dtype, shape, begin, end }: Entry): StoredTensor {
  const type = arrayTypes[dtype];
  const bytes = data.subarray(begin, end);
  // The slice of a Buffer of Node's would be a view.
  const isAligned = bytes.byteOffset % type.BYTES_PER_ELEMENT === 0;
  const aligned = isAligned ? bytes : new Uint8Array(bytes);
  const length = aligned.byteLength / type.BYTES_PER_ELEMENT;
  const array = new type(aligned.buffer as ArrayBuffer, aligned.byteOffset, length);
  return { dtype, shape, data: array } as StoredTensor;
}
