/**
 * Contents of a data set in one canonical form, whatever the files that they came in: a line of JSON (classes, shape,
 * numbers of images), then labels and pixels [count, height, width, channels] of the training set and of the test set,
 * one byte each. The sha256 of these bytes identifies a data set.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonical } from '../../experiment/canonical.js';
import type { LabelledImages, Splits } from '../../experiment/records/labelled-images.js';
import { FormatError } from '../formats/format-error.js';

export interface Contents extends Splits {
  readonly classes: number;
}

const format = 'isthmus-images-1';
const newline = 0x0a;
/** The line has less than 120. */
const mostHeaderBytes = 1000;
const count = z.int().min(1);
const headerSchema = z.strictObject({
  format: z.literal(format),
  classes: z.int().min(2).max(256),
  shape: z.tuple([count, count, count]),
  train: count,
  test: count,
});

/** The canonical bytes, in parts. */
export function contentsParts({ classes, train, test }: Contents): readonly Uint8Array[] {
  const header = { format, classes, shape: train.shape, train: train.count, test: test.count };
  const line = new TextEncoder().encode(`${canonical(header)}\n`);
  return [line, train.labels, train.pixels, test.labels, test.pixels];
}

/** Lower-case hex. */
export function contentsDigest(contents: Contents): string {
  const hash = createHash('sha256');
  for (const part of contentsParts(contents)) hash.update(part);
  return hash.digest('hex');
}

/** Views of the bytes; throws a FormatError unless they are contents in canonical form, to the byte. */
export function decodeContents(bytes: Uint8Array): Contents {
  const { header, start } = parseContentsHeader(bytes);
  const { classes, shape, train, test } = header;
  const [first, rest] = takeImages(bytes.subarray(start), shape, train);
  const [second, over] = takeImages(rest, shape, test);
  if (over.length > 0) throw new FormatError(`${over.length} bytes more than its header says`);
  return { classes, train: first, test: second };
}

/** The header, and where the labels begin. */
export function parseContentsHeader(bytes: Uint8Array) {
  const end = bytes.subarray(0, mostHeaderBytes).indexOf(newline);
  if (end < 0) throw new FormatError(`it does not begin with a line of ${format}`);
  return { header: parseHeader(bytes.subarray(0, end)), start: end + 1 };
}

function parseHeader(line: Uint8Array): z.output<typeof headerSchema> {
  try {
    return headerSchema.parse(JSON.parse(new TextDecoder().decode(line)));
  } catch (cause) {
    throw new FormatError(`its first line is no header of ${format}`, { cause });
  }
}

function takeImages(
  bytes: Uint8Array,
  shape: LabelledImages['shape'],
  count: number,
): readonly [LabelledImages, Uint8Array] {
  const size = shape.reduce((product, side) => product * side, 1);
  const end = count + count * size;
  if (bytes.length < end)
    throw new FormatError('cut off: it has fewer images than its header says');
  const labels = bytes.subarray(0, count);
  return [{ count, shape, labels, pixels: bytes.subarray(count, end) }, bytes.subarray(end)];
}
