/** Positional reads of a file that is too large to hold in memory. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

export interface ByteSource {
  readonly size: number;
  /** The bytes from `offset` on; throws where the source ends before. */
  read(offset: number, length: number): DataView;
}

export function bytesIn(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read(offset, length) {
      refuseBeyond(bytes.length, offset, length);
      return new DataView(bytes.buffer, bytes.byteOffset + offset, length);
    },
  };
}

export function withFile<T>(path: string, work: (source: ByteSource) => T): T {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    return work({
      size,
      read(offset, length) {
        refuseBeyond(size, offset, length);
        const bytes = new Uint8Array(length);
        if (readSync(file, bytes, 0, length, offset) === length) return new DataView(bytes.buffer);
        throw new Error(`${path} became shorter while it was read`);
      },
    });
  } finally {
    closeSync(file);
  }
}

function refuseBeyond(size: number, offset: number, length: number): void {
  if (offset >= 0 && length >= 0 && offset + length <= size) return;
  throw new RangeError(`${length} bytes at ${offset} lie beyond the end at ${size}`);
}

/** A 64-bit number that is an offset or a size: no file is larger than 2^53. */
export function readOffset(view: DataView, at: number): number {
  const value = view.getBigUint64(at, true);
  if (value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
  throw new RangeError(`${value} is no offset in a file`);
}
