import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  contentsDigest,
  contentsParts,
  decodeContents,
  type Contents,
} from '../../../stores/datasets/contents.js';
import { images } from './tiny-datasets.js';

const contents: Contents = {
  classes: 10,
  train: images(3, [2, 2, 3]),
  test: images(2, [2, 2, 3], 4),
};
const bytes = Buffer.concat(contentsParts(contents));

test('the canonical form is a line of JSON, then labels and pixels of both sets', () => {
  const line = '{"classes":10,"format":"isthmus-images-1","shape":[2,2,3],"test":2,"train":3}\n';
  const { train, test: held } = contents;
  const expected = [Buffer.from(line), train.labels, train.pixels, held.labels, held.pixels];
  expect(bytes.equals(Buffer.concat(expected))).toBe(true);
  expect(contentsDigest(contents)).toBe(createHash('sha256').update(bytes).digest('hex'));
});

test('it is read again as it was', () => {
  const { classes, train, test: held } = decodeContents(bytes);
  expect(classes).toBe(10);
  for (const [found, wanted] of [
    [train, contents.train],
    [held, contents.test],
  ] as const) {
    expect(found).toMatchObject({ count: wanted.count, shape: wanted.shape });
    expect(Buffer.from(found.pixels).equals(wanted.pixels)).toBe(true);
    expect([...found.labels]).toEqual([...wanted.labels]);
  }
});

describe('another digest comes of', () => {
  const other = (change: Partial<Contents>): string => contentsDigest({ ...contents, ...change });
  const flipped = (values: Uint8Array): Uint8Array => values.map((v, i) => (i === 1 ? v ^ 1 : v));
  test.each<[string, Partial<Contents>]>([
    ['one other pixel', { train: { ...contents.train, pixels: flipped(contents.train.pixels) } }],
    ['one other label', { test: { ...contents.test, labels: flipped(contents.test.labels) } }],
    ['one class more', { classes: 11 }],
    ['the sets in each other’s place', { train: contents.test, test: contents.train }],
  ])('%s', (_, change) => expect(other(change)).not.toBe(contentsDigest(contents)));
});

describe('refused is', () => {
  const header = (fields: object): Buffer =>
    Buffer.concat([Buffer.from(`${JSON.stringify(fields)}\n`), bytes.subarray(78)]);
  const good = { classes: 10, format: 'isthmus-images-1', shape: [2, 2, 3], test: 2, train: 3 };
  test.each<[string, Buffer, string]>([
    ['a file that is cut off', bytes.subarray(0, -1), 'cut off'],
    ['one that is too long', Buffer.concat([bytes, bytes]), 'more than its header says'],
    ['one without a header', bytes.subarray(100), 'does not begin'],
    ['another format', header({ ...good, format: 'isthmus-images-2' }), 'no header'],
    ['more than 256 classes', header({ ...good, classes: 257 }), 'no header'],
    ['sizes below zero', header({ ...good, shape: [2, -2, 3] }), 'no header'],
    ['sizes past all memory', header({ ...good, shape: [2 ** 30, 2 ** 20, 3] }), 'cut off'],
  ])('%s', (_, file, what) => expect(() => decodeContents(file)).toThrow(what));
});
