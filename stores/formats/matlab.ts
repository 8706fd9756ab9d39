/**
 * Arrays of bytes from a MATLAB file of level 5 ("MAT-File Format", The MathWorks 2019): a header of 128 bytes,
 * then elements of type, length and content, here each a deflated matrix. Written for SVHN: other element
 * types are refused by number.
 */
import { inflateSync } from 'node:zlib';
import { FormatError } from './format-error.js';

export interface ByteArray {
  /** The first index runs fastest. */
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

const headerBytes = 128;
const types = { int8: 1, uint8: 2, int32: 5, uint32: 6, matrix: 14, compressed: 15 } as const;
const littleEndian = 'IM';

interface Element {
  readonly type: number;
  readonly content: Uint8Array;
}

/** Every array by its name. */
export function decodeMatlab(bytes: Uint8Array): ReadonlyMap<string, ByteArray> {
  const mark = new TextDecoder('latin1').decode(bytes.subarray(126, headerBytes));
  if (mark !== littleEndian) throw new FormatError('not a little-endian MATLAB file of level 5');
  return new Map(elements(bytes.subarray(headerBytes), 1).map(uncompressed).map(matrix));
}

/** One after the other; each begins at a multiple of `alignment`. */
function elements(bytes: Uint8Array, alignment: 1 | 8): Element[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: Element[] = [];
  for (let at = 0; at + 8 <= bytes.length;) {
    const [low, high] = [view.getUint16(at, true), view.getUint16(at + 2, true)];
    // A small element holds its length beside its type and up to four bytes in place of the length.
    const [start, length] = high > 0 ? [at + 4, high] : [at + 8, view.getUint32(at + 4, true)];
    if (start + length > bytes.length)
      throw new FormatError(`cut off: an element ends after byte ${bytes.length}`);
    found.push({ type: low, content: bytes.subarray(start, start + length) });
    at = high > 0 ? at + 8 : Math.ceil((start + length) / alignment) * alignment;
  }
  return found;
}

function uncompressed(element: Element): Element {
  if (element.type !== types.compressed) return element;
  const [inner] = elements(inflateSync(element.content), 1);
  if (inner === undefined) throw new FormatError('a compressed element is empty');
  return inner;
}

function matrix({ type, content }: Element): [string, ByteArray] {
  expectType('an array', type, types.matrix);
  const [flags, dimensions, name, values] = elements(content, 8);
  if (!flags || !dimensions || !name || !values) throw new FormatError('an array has no values');
  expectType('its flags', flags.type, types.uint32);
  expectType('its dimensions', dimensions.type, types.int32);
  expectType('its name', name.type, types.int8);
  expectType('its values', values.type, types.uint8);
  const shape = int32s(dimensions.content);
  const size = shape.reduce((product, side) => product * side, 1);
  if (values.content.length !== size) {
    throw new FormatError(
      `an array of shape ${shape.join(' x ')} has ${values.content.length} values`,
    );
  }
  return [new TextDecoder().decode(name.content), { shape, data: values.content }];
}

function int32s(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 4 }, (_, i) => view.getInt32(4 * i, true));
}

function expectType(what: string, found: number, wanted: number): void {
  if (found !== wanted) throw new FormatError(`${what}: element type ${found}, not ${wanted}`);
}
