/** The IDX format of the MNIST family (LeCun, "The MNIST database"): big-endian header, then bytes. */

import type { LabelledImages } from './labelled-images.js';

const imagesMagic = 0x00000803;
const labelsMagic = 0x00000801;

/** Throws when the headers do not agree with each other or with the length of the data. */
export function decodeIdx(images: Uint8Array, labels: Uint8Array): LabelledImages {
  const [count, height, width] = header(images, imagesMagic, 3);
  const [labelCount] = header(labels, labelsMagic, 1);
  if (labelCount !== count) throw new Error(`${count} images, but ${labelCount} labels`);
  return {
    count: count!,
    shape: [height!, width!, 1],
    pixels: images.subarray(16),
    labels: labels.subarray(8),
  };
}

function header(bytes: Uint8Array, magic: number, dimensions: number): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = 4 + 4 * dimensions;
  if (bytes.length < start || view.getUint32(0) !== magic) {
    throw new Error(`not an IDX file with magic number ${magic}`);
  }
  const sizes = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
  const expected = start + sizes.reduce((product, size) => product * size, 1);
  if (bytes.length !== expected) {
    throw new Error(`IDX file of ${bytes.length} bytes, its header says ${expected}`);
  }
  return sizes;
}
