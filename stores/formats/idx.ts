/** The IDX format of the MNIST family (LeCun, "The MNIST database"): big-endian header, then bytes. */
import type { LabelledImages } from '../../experiment/records/labelled-images.js';
import { FormatError } from './format-error.js';

const imagesMagic = 0x00000803;
const labelsMagic = 0x00000801;

/** Throws when the headers do not agree with each other or with the length of the data. */
export function decodeIdx(images: Uint8Array, labels: Uint8Array): LabelledImages {
  const [count, height, width] = header(images, imagesMagic, 3);
  const [labelCount] = header(labels, labelsMagic, 1);
  if (labelCount !== count) throw new FormatError(`${count} images, but ${labelCount} labels`);
  return {
    count: count!,
    shape: [height!, width!, 1],
    pixels: images.subarray(16),
    labels: labels.subarray(8),
  };
}

/** Grey images and their labels as two files. */
export function encodeIdx({ count, shape: [height, width], pixels, labels }: LabelledImages): {
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
} {
  return {
    images: withHeader(imagesMagic, [count, height, width], pixels),
    labels: withHeader(labelsMagic, [count], labels),
  };
}

function withHeader(magic: number, sizes: readonly number[], data: Uint8Array): Uint8Array {
  const start = 4 + 4 * sizes.length;
  const bytes = new Uint8Array(start + data.length);
  const view = new DataView(bytes.buffer);
  [magic, ...sizes].forEach((value, i) => view.setUint32(4 * i, value));
  bytes.set(data, start);
  return bytes;
}

/** Length of the whole file, from its first bytes; throws for what is no IDX file of images or labels. */
export function idxBytes(first: Uint8Array): number {
  const magic = first[3] === 3 ? imagesMagic : labelsMagic;
  return readHeader(first, magic, magic & 0xff).expected;
}

function header(bytes: Uint8Array, magic: number, dimensions: number): readonly number[] {
  const { sizes, expected } = readHeader(bytes, magic, dimensions);
  if (bytes.length === expected) return sizes;
  throw new FormatError(`IDX file of ${bytes.length} bytes, its header says ${expected}`);
}

function readHeader(bytes: Uint8Array, magic: number, dimensions: number) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = 4 + 4 * dimensions;
  if (bytes.length < start || view.getUint32(0) !== magic) {
    throw new FormatError(`not an IDX file with magic number ${magic}`);
  }
  const sizes = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
  return { sizes, expected: start + sizes.reduce((product, size) => product * size, 1) };
}
