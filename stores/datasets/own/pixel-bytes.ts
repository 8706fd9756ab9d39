/** Arrays of pixels and labels as bytes; what bytes cannot hold exactly is refused. */
import { FormatError } from '../../formats/format-error.js';
import type { StoredTensor } from '../../formats/tensors.js';
import { mostClasses } from '../../../experiment/config/dataset.js';

/** Tolerance, in levels of 1/255: more than float32 rounding (2e-5), less than any other value that is meant. */
const tolerance = 1e-3;

/** Bytes as they are; floats in [0,1] that are multiples of 1/255. Throws a FormatError at the first other one. */
export function pixelBytes({ dtype, shape, data }: StoredTensor): Uint8Array {
  if (dtype === 'U8') {
    checkRange(data);
    return data;
  }
  if (dtype === 'F32' || dtype === 'F64') return fromFloats(data, shape);
  throw new FormatError(`pixels of type ${dtype}; save uint8 (0 to 255), or floats in [0,1]`);
}

/** Pixels that were meant to be 0 and 255 would be nearly black. */
function checkRange(data: Uint8Array): void {
  if (data.some((value) => value > 1)) return;
  throw new FormatError('no byte is above 1; bytes go from 0 to 255, so multiply by 255');
}

function fromFloats(data: Float32Array | Float64Array, shape: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    const level = Math.round(255 * value);
    // Comparisons with NaN are false.
    if (!(value >= 0 && value <= 1)) throw outOfRange(value, place(i, shape));
    if (Math.abs(255 * value - level) > tolerance) throw betweenLevels(value, place(i, shape));
    bytes[i] = level;
  }
  return bytes;
}

function outOfRange(value: number, at: string): FormatError {
  if (!Number.isFinite(value)) return new FormatError(`pixel ${at} is ${value}`);
  return new FormatError(`pixel ${at} is ${value}; floats go from 0 to 1`);
}

function betweenLevels(value: number, at: string): FormatError {
  return new FormatError(
    `pixel ${at} is ${value}, no multiple of 1/255: an image is kept as bytes, so round it yourself, (255 * x).round().astype('uint8')`,
  );
}

function place(index: number, shape: readonly number[]): string {
  const at: number[] = [];
  let rest = index;
  for (const size of [...shape].reverse()) {
    at.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return `[${at.join(', ')}]`;
}

/** Whole numbers from 0 to 255, of shape [n] or [n, 1]. Throws a FormatError at the first other one. */
export function labelBytes({ dtype, data }: StoredTensor): Uint8Array {
  if (dtype === 'F32' || dtype === 'F64' || dtype === 'BOOL') {
    throw new FormatError(`labels of type ${dtype}; save whole numbers, y.astype('int64')`);
  }
  const bytes = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const label = Number(data[i]);
    if (label < 0 || label >= mostClasses) {
      throw new FormatError(`label ${i} is ${label}; labels go from 0 to ${mostClasses - 1}`);
    }
    bytes[i] = label;
  }
  return bytes;
}
