/** The header of a NumPy array file ("NEP 1", versions 1 to 3): magic, version, length, and a Python dictionary. */
import type { ArrayHeader } from './array-file.js';
import { FormatError } from './format-error.js';
import type { Dtype } from './tensors.js';

/** Headers of plain arrays have less than 200 bytes. */
export const mostHeaderBytes = 65_536;
const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** Magic and version. */
const prefixBytes = 8;

const dtypes: Readonly<Record<string, Dtype>> = {
  '|b1': 'BOOL',
  '|u1': 'U8',
  '|i1': 'I8',
  '<i2': 'I16',
  '<u2': 'U16',
  '<i4': 'I32',
  '<u4': 'U32',
  '<i8': 'I64',
  '<u8': 'U64',
  '<f4': 'F32',
  '<f8': 'F64',
};

export interface NpyHeader extends ArrayHeader {
  /** Where the data begin. */
  readonly start: number;
}

/** From the first bytes of a file; throws a FormatError where they are not those of an array that can be read. */
export function parseNpyHeader(bytes: Uint8Array): NpyHeader {
  if (bytes.length < prefixBytes + 4 || magic.some((byte, i) => bytes[i] !== byte)) {
    throw new FormatError('not a NumPy array (.npy)');
  }
  const [text, start] = headerText(bytes);
  const order = /'fortran_order': *(True|False)/.exec(text)?.[1];
  const shape = /'shape': *\(([0-9, ]*)\)/.exec(text)?.[1];
  if (order === undefined || shape === undefined) throw damaged();
  const dtype = dtypeIn(text);
  if (order === 'True') {
    throw new FormatError('in Fortran order; save numpy.ascontiguousarray(x)');
  }
  return { dtype, shape: sizesIn(shape), start };
}

function headerText(bytes: Uint8Array): readonly [string, number] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint8(6);
  if (version < 1 || version > 3) throw new FormatError(`NumPy format ${version} is not known`);
  const wide = version > 1;
  const length = wide ? view.getUint32(prefixBytes, true) : view.getUint16(prefixBytes, true);
  const from = prefixBytes + (wide ? 4 : 2);
  if (from + length > mostHeaderBytes) {
    throw new FormatError(`a header of ${length} bytes; plain arrays have less than 200`);
  }
  if (from + length > bytes.length) throw new FormatError('cut off inside its header');
  return [new TextDecoder('latin1').decode(bytes.subarray(from, from + length)), from + length];
}

function dtypeIn(text: string): Dtype {
  const descr = /'descr': *(?:'([^']*)'|(\[))/.exec(text);
  if (descr === null) throw damaged();
  const [, name = '', list] = descr;
  if (list !== undefined) throw new FormatError('a structured array; save plain arrays');
  const dtype = Object.hasOwn(dtypes, name) ? dtypes[name] : undefined;
  if (dtype !== undefined) return dtype;
  if (name.startsWith('>')) {
    throw new FormatError(`big-endian (${name}); save x.astype('${name.replace('>', '<')}')`);
  }
  if (name.includes('O')) throw new FormatError('Python objects (pickled); save plain arrays');
  const floats = name.endsWith('f2') ? "; save x.astype('float32')" : '';
  throw new FormatError(`elements of type ${name.slice(0, 20)} are not read${floats}`);
}

function sizesIn(list: string): readonly number[] {
  const parts = list.split(',').map((part) => part.trim());
  if (parts.at(-1) === '') parts.pop();
  const sizes = parts.map(Number);
  if (parts.every((part) => part !== '') && sizes.every(Number.isSafeInteger)) return sizes;
  throw damaged();
}

function damaged(): FormatError {
  return new FormatError('its header is damaged');
}
