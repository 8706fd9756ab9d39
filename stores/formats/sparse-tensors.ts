/**
 * Tensors that are mostly zeros, in fewer bytes (after Han et al. 2016, section 3): in place of `NAME` the tensors
 * `NAME.gaps` (U8) and `NAME.values` (F32), and the shape in the metadata under `sparse.NAME`. A gap below 255 is the number
 * of zeros before the next value; 255 stands for 255 zeros and no value.
 */
import { FormatError } from './format-error.js';
import type { DecodedTensors } from './safetensors.js';
import { elementCount, type StoredTensor } from './tensors.js';

const skip = 255;
const prefix = 'sparse.';

/** Float32 tensors that become smaller are packed, all others stay; a negative zero becomes zero. */
export function packSparse(
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>>,
): DecodedTensors {
  const packed = new Map<string, StoredTensor>();
  const shapes: [string, string][] = [];
  for (const [name, tensor] of tensors) {
    const found = tensor.data instanceof Float32Array ? packValues(tensor.data) : null;
    if (found === null) {
      packed.set(name, tensor);
      continue;
    }
    const { gaps, values } = found;
    packed.set(`${name}.gaps`, { dtype: 'U8', shape: [gaps.length], data: gaps });
    packed.set(`${name}.values`, { dtype: 'F32', shape: [values.length], data: values });
    shapes.push([`${prefix}${name}`, JSON.stringify(tensor.shape)]);
  }
  return { tensors: packed, metadata: { ...metadata, ...Object.fromEntries(shapes) } };
}

/** Null where that would take no fewer bytes. */
function packValues(
  dense: Float32Array,
): { readonly gaps: Uint8Array<ArrayBuffer>; readonly values: Float32Array<ArrayBuffer> } | null {
  const gaps: number[] = [];
  const values: number[] = [];
  let zeros = 0;
  for (const value of dense) {
    if (value === 0) {
      zeros += 1;
      if (zeros < skip) continue;
      gaps.push(skip);
    } else {
      gaps.push(zeros);
      values.push(value);
    }
    zeros = 0;
  }
  if (gaps.length + 4 * values.length >= dense.byteLength) return null;
  return { gaps: Uint8Array.from(gaps), values: Float32Array.from(values) };
}

/** The tensors as they were before `packSparse`, those of other files as they are. Throws a FormatError where parts do not fit. */
export function unpackSparse({ tensors, metadata }: DecodedTensors): DecodedTensors {
  const whole = new Map(tensors);
  const rest = Object.entries(metadata).filter(([key]) => !key.startsWith(prefix));
  for (const [key, text] of Object.entries(metadata)) {
    if (!key.startsWith(prefix)) continue;
    const name = key.slice(prefix.length);
    const [gaps, values] = ['gaps', 'values'].map((part) => tensors.get(`${name}.${part}`)?.data);
    if (!(gaps instanceof Uint8Array) || !(values instanceof Float32Array))
      throw new FormatError(
        `${name}: a sparse tensor needs ${name}.gaps (U8) and ${name}.values (F32)`,
      );
    whole.delete(`${name}.gaps`);
    whole.delete(`${name}.values`);
    const shape = parseShape(name, text);
    whole.set(name, { dtype: 'F32', shape, data: unpackValues(name, elementCount(shape), gaps, values) }); // prettier-ignore
  }
  return { tensors: whole, metadata: Object.fromEntries(rest) };
}

function parseShape(name: string, text: string): readonly number[] {
  const sides = /^\[(\d+(?:,\d+)*)?\]$/.exec(text);
  if (sides === null) throw new FormatError(`${name}: ${text} is no shape`);
  return sides[1] === undefined ? [] : sides[1].split(',').map(Number);
}

function unpackValues(
  name: string,
  size: number,
  gaps: Uint8Array,
  values: Float32Array,
): Float32Array<ArrayBuffer> {
  const wanted = gaps.reduce((sum, gap) => sum + (gap === skip ? 0 : 1), 0);
  const last = gaps.reduce((sum, gap) => sum + gap + (gap === skip ? 0 : 1), 0);
  if (wanted !== values.length || last > size)
    throw new FormatError(
      `${name}: gaps of ${wanted} values over ${last} places, not of ${values.length} over at most ${size}`,
    );
  const dense = new Float32Array(size);
  let [at, next] = [0, 0];
  for (const gap of gaps) {
    at += gap;
    if (gap !== skip) dense[at++] = values[next++]!;
  }
  return dense;
}
