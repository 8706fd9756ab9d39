// Files that NumPy, Pillow and safetensors wrote (test/stores/fixtures/own-data/make.py), and what IDX and CIFAR say.
import { mkdir, mkdtemp, copyFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LabelledImages } from '../../../../experiment/records/labelled-images.js';
import { encodeCifar } from '../../../../stores/formats/cifar.js';
import { encodeIdx } from '../../../../stores/formats/idx.js';
import { readOwnFiles } from '../../../../stores/datasets/own/read-own-files.js';
import { images, picture, plain } from '../tiny-datasets.js';

const fixtures = join(import.meta.dirname, '../../fixtures/own-data');

/** Pixel of image i of the fixtures. */
const pixel = (i: number, r: number, c: number, k: number) =>
  (31 * i + 17 * r + 5 * c + 85 * k) % 256;
function fixture(indices: readonly number[], channels: 1 | 3) {
  const pixels = indices.flatMap((i) =>
    [0, 1, 2, 3].flatMap((r) =>
      [0, 1, 2, 3, 4].flatMap((c) => Array.from({ length: channels }, (_, k) => pixel(i, r, c, k))),
    ),
  );
  return {
    ...{ count: indices.length, shape: [4, 5, channels] as const },
    pixels: Uint8Array.from(pixels),
    labels: Uint8Array.from(indices, (i) => i % 3),
  };
}
/** Labels that neither rise nor leave out a class. */
const labelled = (set: LabelledImages, ...labels: number[]): LabelledImages => ({
  ...set,
  labels: Uint8Array.from(labels),
});
const upTo = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const split = { test: 0.3, seed: 4 };

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'isthmus-own-'));
});
afterEach(() => rm(dir, { recursive: true }));

describe('npz and safetensors', () => {
  test('as numpy.savez writes them, with test images of their own', async () => {
    const files = [join(fixtures, 'stored.npz')];
    const { contents, classNames, heldOut } = await readOwnFiles({ format: 'npz', files });
    const expected = { train: fixture(upTo(0, 7), 1), test: fixture(upTo(7, 10), 1) };
    expect(plain(contents)).toEqual(expected);
    expect([classNames, heldOut]).toEqual([['0', '1', '2'], null]);
  });

  test.each([
    ['npz', 'deflated.npz', 3],
    ['npz', 'floats.npz', 1],
    ['safetensors', 'colour.safetensors', 3],
  ] as const)(
    '%s: every image of %s is in one of the two sets, as it was',
    async (format, name, channels) => {
      const files = [join(fixtures, name)];
      const { contents, heldOut, notes } = await readOwnFiles({ format, files, split });
      const { train, test: held } = contents;
      expect([train.count, held.count, heldOut]).toEqual([7, 3, split]);
      const size = 20 * channels;
      const found = [train, held].flatMap((set) =>
        upTo(0, set.count).map((i) => [
          set.labels[i],
          [...set.pixels.subarray(i * size, (i + 1) * size)].join(),
        ]),
      );
      const all = fixture(upTo(0, 10), channels);
      const expected = upTo(0, 10).map((i) => [
        all.labels[i],
        [...all.pixels.subarray(i * size, (i + 1) * size)].join(),
      ]);
      expect(found.sort()).toEqual(expected.sort());
      // One of each class is held out.
      expect([...held.labels].sort()).toEqual([0, 1, 2]);
      expect(notes).toEqual(name === 'deflated.npz' ? [`${files[0]}: not read: other`] : []);
    },
  );

  test('the images that are held out are those of the seed', async () => {
    const files = [join(fixtures, 'floats.npz')];
    const held = async (seed: number) =>
      (await readOwnFiles({ format: 'npz', files, split: { test: 0.3, seed } })).contents.test
        .pixels;
    expect(await held(4)).toEqual(await held(4));
    expect(await held(4)).not.toEqual(await held(5));
  });
});

test('a folder of pictures: names of classes, grey and colour, PNG and JPEG', async () => {
  for (const name of ['cat', 'dog', '.cache']) await mkdir(join(dir, name));
  for (const name of ['a.png', 'b.png'])
    await copyFile(join(fixtures, 'grey.png'), join(dir, 'dog', name));
  await copyFile(join(fixtures, 'palette.png'), join(dir, 'cat/a.PNG'));
  await copyFile(join(fixtures, 'colour.png'), join(dir, 'cat/b.png'));
  await writeFile(join(dir, 'cat/notes.txt'), 'x');
  await symlink(join(dir, 'cat/b.png'), join(dir, 'cat/c.png'));
  const { contents, classNames, notes } = await readOwnFiles({
    format: 'folder',
    files: [dir],
    split,
  });
  expect(classNames).toEqual(['cat', 'dog']);
  expect(notes).toEqual([
    `${dir}: 1 files that are no pictures were left out, such as ${join(dir, 'cat/notes.txt')}`,
    `${dir}: sorted by class; put in a mixed order`,
  ]);
  const { train, test: held } = contents;
  expect([train.count, held.count, train.shape]).toEqual([3, 2, [4, 5, 3]]);
  // Grey, also from a palette, as three equal channels; or the colours themselves.
  const grey = fixture([0], 1).pixels;
  const shown = [...grey].flatMap((value) => [value, value, value]).join();
  const colour = fixture([0], 3).pixels.join();
  for (const set of [train, held]) {
    for (let i = 0; i < set.count; i++) {
      const own = set.pixels.subarray(i * 60, (i + 1) * 60).join();
      expect(set.labels[i] === 1 ? [shown] : [shown, colour]).toContain(own);
    }
  }
});

test('JPEG pictures in folders of train and test', async () => {
  for (const name of ['train/a', 'train/b', 'test/b'])
    await mkdir(join(dir, name), { recursive: true });
  for (const name of ['train/a/1.jpg', 'test/b/1.jpeg'])
    await copyFile(join(fixtures, 'flat.jpg'), join(dir, name));
  await copyFile(join(fixtures, 'flat-grey.jpg'), join(dir, 'train/b/1.JPG'));
  const { contents } = await readOwnFiles({ format: 'folder', files: [dir] });
  const { train, test: held } = contents;
  expect([train.shape, train.count, [...held.labels]]).toEqual([[8, 16, 3], 2, [1]]);
  const near = (pixels: Uint8Array, wanted: readonly number[]): void => {
    // Flat colours survive JPEG's rounding to within a level or two.
    pixels.forEach((value, i) => expect(Math.abs(value - wanted[i % 3]!)).toBeLessThanOrEqual(2));
  };
  const [a, b] = [[...train.labels].indexOf(0), [...train.labels].indexOf(1)];
  near(train.pixels.subarray(a * 384, (a + 1) * 384), [200, 40, 90]);
  near(train.pixels.subarray(b * 384, (b + 1) * 384), [77, 77, 77]);
});

test('IDX, compressed or not, in a folder or file by file', async () => {
  const [train, held] = [
    labelled(images(6, [3, 2, 1]), 1, 0, 2, 1, 0, 2),
    labelled(images(3, [3, 2, 1], 2), 2, 1, 0),
  ];
  const [first, second] = [encodeIdx(train), encodeIdx(held)];
  const files = {
    'train-images.idx3-ubyte': first.images,
    'train-labels-idx1-ubyte.gz': gzipSync(first.labels),
    't10k-images-idx3-ubyte.gz': gzipSync(second.images),
    't10k-labels-idx1-ubyte': second.labels,
  };
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(dir, name), bytes);
  const whole = await readOwnFiles({ format: 'idx', files: [dir] });
  expect(plain(whole.contents)).toEqual({ train, test: held });
  const four = await readOwnFiles({
    format: 'idx',
    files: Object.keys(files).map((name) => join(dir, name)),
  });
  expect(plain(four.contents)).toEqual({ train, test: held });
  const two = await readOwnFiles({
    format: 'idx',
    files: Object.keys(files)
      .slice(2)
      .map((name) => join(dir, name)),
  }).catch((error: Error) => error.message);
  expect(two).toContain('class 2 has one image: none can be held out');
});

test('CIFAR’s records of one label byte or two', async () => {
  const [train, held] = [
    labelled(images(5, [32, 32, 3]), 1, 0, 3, 2, 4),
    labelled(images(2, [32, 32, 3], 1), 4, 1),
  ];
  await writeFile(join(dir, 'data.bin'), encodeCifar(train, 0, 5));
  await writeFile(join(dir, 'test.bin'), encodeCifar(held, 0, 2));
  const { contents, classNames } = await readOwnFiles({
    format: 'cifar',
    files: [dir],
    classes: ['a', 'b', 'c', 'd', 'e'],
  });
  expect(plain(contents)).toEqual({ train, test: held });
  expect(classNames).toEqual(['a', 'b', 'c', 'd', 'e']);
  const coarse = Buffer.concat(
    [0, 1, 2, 3].map((i) =>
      Buffer.concat([Buffer.from([99]), encodeCifar(train, i % 2, (i % 2) + 1)]),
    ),
  );
  await writeFile(join(dir, 'fine.bin'), coarse);
  const fine = await readOwnFiles({ format: 'cifar', files: [join(dir, 'fine.bin')] });
  expect([...fine.contents.train.labels, ...fine.contents.test.labels].sort()).toEqual([
    0, 0, 1, 1,
  ]);
});

test('sets that come sorted by class are put in a mixed order, always the same one', async () => {
  for (const name of ['a', 'b']) {
    await mkdir(join(dir, name));
    for (let i = 0; i < 20; i++) {
      await writeFile(
        join(dir, name, `${i}.png`),
        picture(1, 1, Uint8Array.of(i, i, name === 'a' ? 0 : 9)),
      );
    }
  }
  const read = async () => (await readOwnFiles({ format: 'folder', files: [dir] })).contents;
  const { train, test: held } = await read();
  for (const { labels } of [train, held]) expect([...labels]).not.toEqual([...labels].sort());
  expect(await read()).toEqual({ classes: 2, train, test: held });
});
