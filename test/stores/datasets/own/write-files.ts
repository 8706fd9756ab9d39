/** Files of images as a user may have them, written without any library of the readers under test. */
import { crc32, deflateRawSync } from 'node:zlib';
import type { LabelledImages } from '../../../../experiment/records/labelled-images.js';

export interface ZipEntry {
  readonly name: string;
  readonly data: Uint8Array;
  readonly deflate?: boolean;
  /** In place of what the central directory would say. */
  readonly said?: { readonly size?: number; readonly packed?: number; readonly crc?: number };
}

/** A zip archive (APPNOTE 6.3.3), without zip64. */
export function zip(entries: readonly ZipEntry[]): Uint8Array {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, data, deflate = false, said = {} } of entries) {
    const packed = deflate ? deflateRawSync(data) : Buffer.from(data);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(deflate ? 8 : 0, 4);
    fields.writeUInt32LE(said.crc ?? crc32(data), 10);
    fields.writeUInt32LE(said.packed ?? packed.length, 14);
    fields.writeUInt32LE(said.size ?? data.length, 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name), packed]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    const version = Buffer.from([20, 0]);
    central.push(
      Buffer.concat([Buffer.from('PK\x01\x02'), version, fields, place, Buffer.from(name)]),
    );
    locals.push(local);
    offset += local.length;
  }
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(Buffer.concat(central).length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, ...central, Buffer.from('PK\x05\x06'), end]);
}

/** A .npy file; `header` replaces the dictionary. */
export function npy(
  descr: string,
  shape: readonly number[],
  data: Uint8Array,
  { fortran = false, header = '' } = {},
): Uint8Array {
  const order = fortran ? 'True' : 'False';
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = header || `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${sizes}), }`;
  const length = 64 * Math.ceil((10 + text.length + 1) / 64) - 10;
  const prefix = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, length & 255, length >> 8]);
  return Buffer.concat([prefix, Buffer.from(text.padEnd(length - 1) + '\n'), data]);
}

export function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** Images and labels under these names. */
export function npzOf(
  { count, shape, pixels, labels }: LabelledImages,
  [x, y]: readonly [string, string] = ['images', 'labels'],
): readonly ZipEntry[] {
  return [
    { name: `${x}.npy`, data: npy('|u1', [count, ...shape], pixels) },
    { name: `${y}.npy`, data: npy('|u1', [count], labels), deflate: true },
  ];
}
