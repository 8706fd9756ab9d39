import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeSafetensors,
  encodeSafetensors,
  SafetensorsError,
} from '../../../stores/formats/safetensors.js';
import {
  arrayTypes,
  dtypes,
  elementCount,
  type StoredTensor,
} from '../../../stores/formats/tensors.js';

/** Written by fixtures/reference.py, the Python implementation of the format. */
const reference = new Uint8Array(
  await readFile(new URL('../fixtures/reference.safetensors', import.meta.url)),
);

/** Any element type filled with any bytes: NaN payloads, denormals, negative zero. */
const tensor: fc.Arbitrary<StoredTensor> = fc
  .tuple(fc.constantFrom(...dtypes), fc.array(fc.nat(3), { maxLength: 3 }))
  .chain(([dtype, shape]) => {
    const length = elementCount(shape) * arrayTypes[dtype].BYTES_PER_ELEMENT;
    return fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => {
      const data = new arrayTypes[dtype](bytes.slice().buffer);
      return { dtype, shape, data } as StoredTensor;
    });
  });
const names = fc
  .oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('10', '9', '__proto__', 'constructor', 'w"\\\n'),
  )
  .filter((name) => name !== '__metadata__');
const keys = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor'));
const metadata = fc.dictionary(keys, fc.string(), { noNullPrototype: true });
const files = fc.tuple(
  fc.uniqueArray(fc.tuple(names, tensor), { selector: ([name]) => name, maxLength: 5 }),
  metadata,
);

/** Comparable by value, NaN payloads included. */
function plain(tensors: ReadonlyMap<string, StoredTensor>): Map<string, unknown> {
  const shown = ({ dtype, shape, data }: StoredTensor) => ({
    dtype,
    shape,
    bytes: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex'),
  });
  return new Map([...tensors].map(([name, t]) => [name, shown(t)]));
}

function withHeader(header: string, dataBytes = 8): Uint8Array {
  const text = Buffer.from(header);
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

describe('the file of the Python reference', () => {
  test('decodes to the same names, shapes and bits', () => {
    const { tensors, metadata } = decodeSafetensors(reference);
    expect(metadata).toEqual({ layout: 'HWIO' });
    expect([...tensors.keys()].sort()).toEqual(
      ['conv/kernel', 'bias', 'step', 'stream', 'labels', 'grün', 'empty'].sort(),
    );
    const kernel = tensors.get('conv/kernel')!;
    expect(kernel.shape).toEqual([2, 2]);
    expect([...kernel.data]).toEqual([1.5, -0, NaN, Infinity]);
    expect([...tensors.get('bias')!.data]).toEqual([1e-45, -3.4028235e38, 0.1].map(Math.fround));
    expect(tensors.get('step')).toEqual({ dtype: 'I32', shape: [], data: Int32Array.of(-7) });
    expect(tensors.get('stream')!.data).toEqual(BigUint64Array.of(2n ** 63n + 1n, 5n));
    expect(tensors.get('labels')!.data).toEqual(Uint8Array.of(0, 9, 255));
    expect(tensors.get('grün')).toMatchObject({ dtype: 'BOOL', data: Uint8Array.of(1, 0) });
    expect(tensors.get('empty')).toMatchObject({ dtype: 'F64', shape: [0, 4] });
  });

  test('is what encoding the decoded tensors gives, byte for byte', () => {
    const { tensors, metadata } = decodeSafetensors(reference);
    expect(Buffer.from(encodeSafetensors(tensors, metadata)).equals(reference)).toBe(true);
  });

  test('is decoded without copying where it lies aligned', () => {
    const { tensors } = decodeSafetensors(reference);
    for (const { data } of tensors.values()) expect(data.buffer).toBe(reference.buffer);
  });

  test('decodes from any address in memory', () => {
    const expected = plain(decodeSafetensors(reference).tensors);
    for (const shift of [1, 2, 4]) {
      const moved = new Uint8Array(reference.length + shift).subarray(shift);
      moved.set(reference);
      expect(plain(decodeSafetensors(moved).tensors)).toEqual(expected);
    }
  });

  test('is refused wherever it is cut', () => {
    for (let length = 0; length < reference.length; length++) {
      expect(() => decodeSafetensors(reference.subarray(0, length))).toThrow(SafetensorsError);
    }
  });

  test('with any bit of its header flipped is refused or keeps every element in its place', () => {
    const headerEnd = 8 + Number(new DataView(reference.buffer).getBigUint64(0, true));
    const bytesOf = (tensors: ReadonlyMap<string, unknown>) =>
      [...tensors.values()].map((t) => JSON.stringify(t)).filter((t) => !t.includes('"bytes":""'));
    const expected = bytesOf(plain(decodeSafetensors(reference).tensors));
    let refused = 0;
    for (let bit = 0; bit < headerEnd * 8; bit++) {
      const damaged = reference.slice();
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      try {
        expect(bytesOf(plain(decodeSafetensors(damaged).tensors))).toEqual(expected);
      } catch (error) {
        expect(error).toBeInstanceOf(SafetensorsError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(headerEnd * 4);
  });
});

describe('any tensors', () => {
  test('come back equal, down to the bits of NaN', () => {
    fc.assert(
      fc.property(files, ([entries, about]) => {
        const decoded = decodeSafetensors(encodeSafetensors(new Map(entries), about));
        expect(plain(decoded.tensors)).toEqual(plain(new Map(entries)));
        expect(decoded.metadata).toEqual(about);
      }),
    );
  });

  test('give the same bytes in whatever order they come', () => {
    fc.assert(
      fc.property(files, ([entries, about]) => {
        const reversed = Object.fromEntries(Object.entries(about).reverse());
        const bytes = encodeSafetensors(new Map(entries), about);
        expect(encodeSafetensors(new Map([...entries].reverse()), reversed)).toEqual(bytes);
      }),
    );
  });

  test('never crash the decoder, whatever the header says', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (header) => {
        try {
          decodeSafetensors(withHeader(header));
        } catch (error) {
          expect(error).toBeInstanceOf(SafetensorsError);
        }
      }),
    );
  });
});

test.each([
  ['a hole', '{"a":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}', /starts at byte 4/],
  [
    'an overlap',
    '{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}',
    /tensor b starts at byte 4, expected 8/,
  ],
  [
    'bytes left over',
    '{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}',
    /cover 4 bytes of 8/,
  ],
  [
    'offsets past the end',
    '{"a":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}}',
    /cover 9 bytes/,
  ],
  ['offsets of another size', '{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}', /needs 12/],
  ['reversed offsets', '{"a":{"dtype":"U8","shape":[8],"data_offsets":[8,0]}}', /span -8/],
  ['an unknown type', '{"a":{"dtype":"F8","shape":[8],"data_offsets":[0,8]}}', /a\.dtype/],
  ['a negative side', '{"a":{"dtype":"U8","shape":[-8],"data_offsets":[0,8]}}', /a\.shape/],
  ['an unknown field', '{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8],"x":1}}', /tensor a/],
  ['metadata that is not text', '{"__metadata__":{"x":1}}', /__metadata__\.x/],
  ['metadata of a reserved name', '{"__metadata__":{"__proto__":1}}', /__metadata__\.__proto__/],
  ['metadata that is not an object', '{"__metadata__":"x"}', /__metadata__/],
  ['a list', '[]', /not a JSON object/],
  [
    'one name twice',
    '{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"\\u0061" : {"dtype":"U8","shape":[8],"data_offsets":[0,8]}}',
    /names a twice/,
  ],
])('a header with %s is refused by name', (_, header, message) => {
  expect(() => decodeSafetensors(withHeader(header))).toThrow(message);
});

test('a header longer than the limit is refused before it is read', () => {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setBigUint64(0, 100_000_001n, true);
  expect(() => decodeSafetensors(bytes)).toThrow(/over the limit/);
});

test('a tensor whose data does not fill its shape is refused by name', () => {
  const w: StoredTensor = { dtype: 'F32', shape: [2, 3], data: new Float32Array(5) };
  expect(() => encodeSafetensors(new Map([['w', w]]), {})).toThrow(/w: shape \[2, 3\] holds 6/);
});

test('a tensor cannot take the name of the metadata', () => {
  const w: StoredTensor = { dtype: 'F32', shape: [], data: new Float32Array(1) };
  expect(() => encodeSafetensors(new Map([['__metadata__', w]]), {})).toThrow(/reserves/);
});
