/**
 * Quantised weights in as many bits as they need: safetensors in which a quantised tensor is its levels, packed, and a
 * scale for each group. A level j of L = max(1, 2^(bits - 1) - 1) positive ones is the number j + L; binary weights, of
 * one bit, are 0 for -1 and 1 for 1. All other tensors are stored as they are.
 */
import { z } from 'zod';
import type { QuantisationGrid, QuantisationSpec } from '../../experiment/specs/quantisation.js';
import { packBits, unpackBits } from './packed-bits.js';
import { decodeSafetensors, encodeSafetensors, SafetensorsError } from './safetensors.js';
import { elementCount, type StoredTensor } from './tensors.js';
import { weightsLayout, type NamedShape } from './weights-file.js';

type Packing = Pick<QuantisationSpec, 'grid' | 'per'>;

const packed = z.record(
  z.string(),
  z.strictObject({ bits: z.int().min(1).max(8), shape: z.array(z.int().min(1)) }),
);

/** Bits of one weight: binary 1, ternary 2, uniform as many as the grid has. */
function bitsOf(grid: QuantisationGrid): number {
  switch (grid.scheme) {
    case 'binary':
      return 1;
    case 'ternary':
      return 2;
    case 'uniform':
      return grid.bits;
    default:
      throw new Error(`unknown scheme ${JSON.stringify(grid satisfies never)}`);
  }
}

/** Throws where a tensor of `quantisation` is not on its grid, bit by bit. */
export function encodePackedWeights(
  model: string,
  specs: readonly NamedShape[],
  values: ReadonlyMap<string, Float32Array>,
  { weights: names, ...packing }: Packing & Pick<QuantisationSpec, 'weights'>,
): Uint8Array {
  const bits = bitsOf(packing.grid);
  const quantised = specs.filter(({ name }) => names.includes(name));
  const tensors = specs.flatMap(({ name, shape }): (readonly [string, StoredTensor])[] => {
    const data = values.get(name)!;
    if (!names.includes(name)) return [[name, { dtype: 'F32', shape, data }]];
    const { levels, scales } = toLevels(name, data, groupCount(shape, packing.per), bits);
    const codes = packBits(levels, bits);
    return [
      [`${name}.levels`, { dtype: 'U8', shape: [codes.length], data: codes }],
      [`${name}.scales`, { dtype: 'F32', shape: [scales.length], data: scales }],
    ];
  });
  const about = Object.fromEntries(quantised.map(({ name, shape }) => [name, { bits, shape }]));
  const metadata = { model, ...weightsLayout, packed: JSON.stringify(about) };
  return encodeSafetensors(new Map(tensors), metadata);
}

/** All tensors by name, dense. */
export function decodePackedWeights(bytes: Uint8Array): Map<string, Float32Array> {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const about = readPacking(metadata['packed']);
  const dense = new Map<string, Float32Array>();
  for (const [name, { data }] of tensors) {
    if (Object.keys(about).some((one) => name === `${one}.levels` || name === `${one}.scales`)) {
      continue;
    }
    if (!(data instanceof Float32Array)) throw new SafetensorsError(`${name} is not float32`);
    dense.set(name, data);
  }
  for (const [name, { bits, shape }] of Object.entries(about)) {
    const codes = tensors.get(`${name}.levels`)?.data;
    const scales = tensors.get(`${name}.scales`)?.data;
    if (!(codes instanceof Uint8Array) || !(scales instanceof Float32Array)) {
      throw new SafetensorsError(`there are no levels and scales of ${name}`);
    }
    const count = elementCount(shape);
    if (codes.length !== Math.ceil((count * bits) / 8)) {
      throw new SafetensorsError(`${codes.length} bytes for ${count} levels of ${name}`);
    }
    const levels = unpackBits(codes, bits, count);
    dense.set(
      name,
      Float32Array.from(levels, (code, i) => fromCode(code, bits) * scales[i % scales.length]!),
    );
  }
  return dense;
}

function readPacking(text: string | undefined): z.output<typeof packed> {
  if (text === undefined)
    throw new SafetensorsError('the file says of no tensor that it is packed');
  try {
    return packed.parse(JSON.parse(text));
  } catch (cause) {
    throw new SafetensorsError('its field "packed" is not that of packed weights', { cause });
  }
}

/** The last axis is that of output channels. */
function groupCount(shape: readonly number[], per: Packing['per']): number {
  return per === 'channel' ? shape.at(-1)! : 1;
}

function mostLevel(bits: number): number {
  return bits === 1 ? 1 : 2 ** (bits - 1) - 1;
}

function fromCode(code: number, bits: number): number {
  return bits === 1 ? 2 * code - 1 : code - mostLevel(bits);
}

function toLevels(name: string, data: Float32Array, groups: number, bits: number) {
  const most = mostLevel(bits);
  const scales = new Float32Array(groups);
  const levels = new Uint8Array(data.length);
  for (let group = 0; group < groups; group++) {
    const own = data.filter((_, i) => i % groups === group);
    const scale = scaleOf(own, most) ?? offGrid(name);
    scales[group] = scale;
    own.forEach((value, k) => {
      const level = scale === 0 ? 0 : Math.round(value / scale);
      if (bits === 1 && level === 0 && scale > 0) offGrid(name);
      levels[k * groups + group] = bits === 1 ? Number(level >= 0) : level + most;
    });
  }
  return { levels, scales };
}

/** By how many float32 numbers the quotient of the largest value and its level can miss the scale. */
const nearby = [0, -1, 1, -2, 2, -3, 3, -4, 4];

/** The float32 scale of which all values are exact multiples; null: there is none. */
function scaleOf(values: Float32Array, most: number): number | null {
  const largest = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  if (largest === 0) return 0;
  const guess = Math.fround(largest / most);
  const candidates = nearby.map((k) => neighbour(guess, k));
  return (
    candidates.find((scale) =>
      values.every((value) => Math.fround(Math.round(value / scale) * scale) === value),
    ) ?? null
  );
}

/** The k-th float32 above a positive one, or below it. */
function neighbour(value: number, k: number): number {
  const bits = new Int32Array(Float32Array.of(value).buffer);
  return new Float32Array(Int32Array.of(bits[0]! + k).buffer)[0]!;
}

function offGrid(name: string): never {
  throw new SafetensorsError(`${name} is not on the grid that it is to be packed on`);
}
