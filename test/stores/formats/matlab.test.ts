import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { decodeMatlab } from '../../../stores/formats/matlab.js';

function element(type: number, content: Uint8Array, padded = true): Buffer {
  const tag = Buffer.alloc(8);
  tag.writeUInt32LE(type, 0);
  tag.writeUInt32LE(content.length, 4);
  const padding = Buffer.alloc(padded ? (8 - (content.length % 8)) % 8 : 0);
  return Buffer.concat([tag, content, padding]);
}

/** A name of up to four letters, as MATLAB writes it. */
function smallName(name: string): Buffer {
  const small = Buffer.alloc(8);
  small.writeUInt16LE(1, 0);
  small.writeUInt16LE(name.length, 2);
  small.write(name, 4, 'latin1');
  return small;
}

function array(name: string, shape: number[], values: Uint8Array, valueType = 2): Buffer {
  const flags = Buffer.alloc(8);
  flags.writeUInt32LE(9, 0); // mxUINT8_CLASS
  const dimensions = Buffer.alloc(4 * shape.length);
  shape.forEach((side, i) => dimensions.writeInt32LE(side, 4 * i));
  return element(
    14,
    Buffer.concat([
      element(6, flags),
      element(5, dimensions),
      smallName(name),
      element(valueType, values),
    ]),
  );
}

function file(...arrays: Buffer[]): Uint8Array {
  const header = Buffer.alloc(128, ' ');
  header.write('MATLAB 5.0 MAT-file', 'latin1');
  header.writeUInt16LE(0x0100, 124);
  header.write('IM', 126, 'latin1');
  // Compressed elements are not padded.
  return Buffer.concat([header, ...arrays.map((a) => element(15, deflateSync(a), false))]);
}

const x = array('X', [2, 3, 1, 1], Uint8Array.of(1, 2, 3, 4, 5, 6));

describe('a MATLAB file of level 5', () => {
  test('gives its compressed arrays of bytes by name', () => {
    const arrays = decodeMatlab(file(x, array('y', [3, 1], Uint8Array.of(7, 8, 10))));
    expect([...arrays.keys()]).toEqual(['X', 'y']);
    expect(arrays.get('X')).toMatchObject({ shape: [2, 3, 1, 1] });
    expect([...arrays.get('X')!.data]).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...arrays.get('y')!.data]).toEqual([7, 8, 10]);
  });

  test('is refused when it is another format, cut off, or holds other values', () => {
    expect(() => decodeMatlab(new Uint8Array(200))).toThrow('not a little-endian MATLAB file');
    expect(() => decodeMatlab(file(x).subarray(0, 150))).toThrow('cut off');
    expect(() => decodeMatlab(file(array('X', [1], Uint8Array.of(1), 9)))).toThrow(
      'its values: element type 9',
    );
    expect(() => decodeMatlab(file(array('X', [5], Uint8Array.of(1))))).toThrow('has 1 values');
  });
});
