/** Packed weights: back bit by bit, as small as they ought to be, and refused where they are not on the grid. */
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { QuantisationSpec } from '../../../experiment/specs/quantisation.js';
import { quantise } from '../../../numerics/quantisation/quantisers.js';
import { packBits, unpackBits } from '../../../stores/formats/packed-bits.js';
import {
  decodePackedWeights,
  encodePackedWeights,
} from '../../../stores/formats/packed-weights.js';
import { decodeSafetensors, encodeSafetensors } from '../../../stores/formats/safetensors.js';
import '../../numerics/engine.js';

const specs = [
  { name: 'conv1.weight', shape: [3, 3, 16, 32] },
  { name: 'conv1.bias', shape: [32] },
];
const weights = ['conv1.weight'];
const grids: QuantisationSpec['grid'][] = [
  { scheme: 'binary' },
  { scheme: 'ternary', variant: 'exact' },
  { scheme: 'ternary', variant: 'published' },
  ...[2, 3, 4, 5, 6, 7, 8].map((bits) => ({ scheme: 'uniform', bits }) as const),
];

function quantisedValues(spec: Pick<QuantisationSpec, 'grid' | 'per'>) {
  const kernel = tf.tidy(() => {
    const v = tf.randomNormal([3, 3, 16, 32], 0, 0.1, 'float32', 4);
    return quantise(v, spec).dataSync<'float32'>();
  });
  return new Map([
    ['conv1.weight', Float32Array.from(kernel)],
    ['conv1.bias', Float32Array.from({ length: 32 }, (_, i) => i / 7)],
  ]);
}

describe.each(['tensor', 'channel'] as const)('per %s', (per) => {
  test.each(grids)('%j comes back as it was', (grid) => {
    const values = quantisedValues({ grid, per });
    const bytes = encodePackedWeights('m', specs, values, { grid, per, weights });
    const back = decodePackedWeights(bytes);
    expect([...back.keys()].sort()).toEqual(['conv1.bias', 'conv1.weight']);
    for (const [name, expected] of values) {
      // Zeros of either sign are one value.
      expect([...back.get(name)!].every((w, i) => w === expected[i])).toBe(true);
    }
  });
});

test('ternary convolutions take at most 0.07 of their dense bytes, binary ones half of that', () => {
  const dense = 4 * 3 * 3 * 16 * 32;
  const part = (grid: QuantisationSpec['grid']) => {
    const values = quantisedValues({ grid, per: 'tensor' });
    const bytes = encodePackedWeights('m', specs, values, { grid, per: 'tensor', weights });
    const { tensors } = decodeSafetensors(bytes);
    const kept = ['levels', 'scales'].map((what) => tensors.get(`conv1.weight.${what}`)!.data);
    return kept.reduce((total, data) => total + data.byteLength, 0) / dense;
  };
  expect(part({ scheme: 'ternary', variant: 'exact' })).toBeLessThan(0.07);
  expect(part({ scheme: 'binary' })).toBeLessThan(0.035);
  expect(part({ scheme: 'uniform', bits: 4 })).toBeLessThan(0.13);
});

test('zeros alone are packed, of every scheme that has them', () => {
  for (const grid of grids) {
    const values = new Map([
      ['conv1.weight', new Float32Array(4608)],
      ['conv1.bias', new Float32Array(32)],
    ]);
    const spec = { grid, per: 'channel', weights } as const;
    const back = decodePackedWeights(encodePackedWeights('m', specs, values, spec));
    expect(back.get('conv1.weight')!.every((w) => w === 0)).toBe(true);
  }
});

test('weights beside the grid are refused', () => {
  const spec = { grid: { scheme: 'ternary', variant: 'exact' }, per: 'tensor', weights } as const;
  const values = quantisedValues(spec);
  values.get('conv1.weight')![7] = 0.0123;
  expect(() => encodePackedWeights('m', specs, values, spec)).toThrow(
    'conv1.weight is not on the grid',
  );
  const binary = { ...spec, grid: { scheme: 'binary' } } as const;
  const zero = quantisedValues(binary);
  zero.get('conv1.weight')![7] = 0;
  expect(() => encodePackedWeights('m', specs, zero, binary)).toThrow('is not on the grid');
});

test('a file that is not packed, or lacks a part, is refused', () => {
  const plain = encodeSafetensors(new Map(), { model: 'm' });
  expect(() => decodePackedWeights(plain)).toThrow('says of no tensor');
  const broken = encodeSafetensors(new Map(), { packed: '{"a": {"bits": 9, "shape": [1]}}' });
  expect(() => decodePackedWeights(broken)).toThrow('its field "packed"');
  const lacking = encodeSafetensors(new Map(), { packed: '{"a": {"bits": 2, "shape": [1]}}' });
  expect(() => decodePackedWeights(lacking)).toThrow('no levels and scales of a');
});

test('bits are packed across bytes and come back', () => {
  for (const bits of [1, 2, 3, 4, 5, 6, 7, 8]) {
    const numbers = Uint8Array.from({ length: 37 }, (_, i) => (i * 73 + 11) % 2 ** bits);
    const bytes = packBits(numbers, bits);
    expect(bytes.length).toBe(Math.ceil((37 * bits) / 8));
    expect(unpackBits(bytes, bits, 37)).toEqual(numbers);
  }
});
