/** The binary version of CIFAR (Krizhevsky 2009): records of label bytes, then planes of red, green and blue. */
import type { LabelledImages } from '../../experiment/records/labelled-images.js';
import { FormatError } from './format-error.js';

const side = 32;
const plane = side * side;

/** CIFAR-100 has two labels, the coarse one first; the last one counts. */
export type LabelBytes = 1 | 2;

/** Throws on a file that is cut short. Parts are put one after the other. */
export function decodeCifar(parts: readonly Uint8Array[], labelBytes: LabelBytes): LabelledImages {
  const record = labelBytes + 3 * plane;
  for (const { length } of parts) {
    if (length % record === 0) continue;
    throw new FormatError(
      `a CIFAR file of ${length} bytes holds no whole number of ${record}-byte records`,
    );
  }
  const count = parts.reduce((sum, { length }) => sum + length / record, 0);
  const pixels = new Uint8Array(count * 3 * plane);
  const labels = new Uint8Array(count);
  let image = 0;
  for (const part of parts) {
    for (let start = 0; start < part.length; start += record) {
      labels[image] = part[start + labelBytes - 1]!;
      interleave(part, start + labelBytes, pixels, image * 3 * plane);
      image += 1;
    }
  }
  return { count, shape: [side, side, 3], pixels, labels };
}

/** Images `from` … `to - 1` as records with one label byte. */
export function encodeCifar(
  { pixels, labels }: LabelledImages,
  from: number,
  to: number,
): Uint8Array {
  const record = 1 + 3 * plane;
  const bytes = new Uint8Array((to - from) * record);
  for (let image = from; image < to; image++) {
    const start = (image - from) * record;
    bytes[start] = labels[image]!;
    for (let p = 0; p < plane; p++) {
      for (let c = 0; c < 3; c++) {
        bytes[start + 1 + c * plane + p] = pixels[(image * plane + p) * 3 + c]!;
      }
    }
  }
  return bytes;
}

/** Planes [3, 32, 32] to pixels [32, 32, 3]. */
function interleave(from: Uint8Array, start: number, to: Uint8Array, offset: number): void {
  for (let p = 0; p < plane; p++) {
    to[offset + 3 * p] = from[start + p]!;
    to[offset + 3 * p + 1] = from[start + plane + p]!;
    to[offset + 3 * p + 2] = from[start + 2 * plane + p]!;
  }
}
