import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  datasets,
  trainingClasses,
  type DatasetDescription,
} from '../../../experiment/catalogue/datasets.js';
import { contentsDigest } from '../../../stores/datasets/contents.js';
import { readDataset, verifyDataset } from '../../../stores/datasets/read-dataset.js';
import { describeFile, images, plain, tinyCifar10, tinyMnist } from './tiny-datasets.js';

const tiny = tinyMnist();

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'isthmus-dataset-'));
  for (const [name, bytes] of Object.entries(tiny.files)) await writeFile(join(dir, name), bytes);
});
afterEach(() => rm(dir, { recursive: true }));

test('official files are read as they are', async () => {
  expect(plain(await readDataset(tiny.description, dir))).toEqual(tiny.splits);
  await expect(verifyDataset(tiny.description, dir)).resolves.toBeUndefined();
});

type Check = (description: DatasetDescription, dir: string) => Promise<unknown>;

describe.each<[string, Check]>([
  ['readDataset', readDataset],
  ['verifyDataset', verifyDataset],
])('%s refuses', (_, check) => {
  const path = () => join(dir, 'te-i');

  test('a missing file, by path and with what to do', async () => {
    await rm(path());
    await expect(check(tiny.description, dir)).rejects.toMatchObject({
      kind: 'bad-input',
      message: `data set mnist: cannot read ${path()}: there is no such file`,
      hint: expect.stringContaining('ISTHMUS_DATA_DIR'),
    });
  });

  test('a file of another size', async () => {
    await writeFile(path(), tiny.files['te-i']!.subarray(1));
    await expect(check(tiny.description, dir)).rejects.toMatchObject({
      kind: 'bad-input',
      message: `data set mnist: ${path()} has 27 bytes, the official file 28`,
    });
  });

  test('a file of the same size with one other pixel, naming both digests', async () => {
    const other = Uint8Array.from(tiny.files['te-i']!);
    other[20]! ^= 1;
    await writeFile(path(), other);
    await expect(check(tiny.description, dir)).rejects.toMatchObject({
      kind: 'bad-input',
      message: `data set mnist: ${path()} has sha256 ${describeFile('', other).sha256}, the official file ${tiny.description.files.testImages.sha256}`,
    });
  });

  test('a folder in the place of a file', async () => {
    const files = { ...tiny.description.files, testImages: describeFile('.', new Uint8Array(0)) };
    await expect(check({ ...tiny.description, files }, dir)).rejects.toMatchObject({
      kind: 'bad-input',
    });
  });
});

describe('files in another container', () => {
  const zipped = (change = 0): Readonly<Record<string, Uint8Array>> =>
    Object.fromEntries(
      Object.entries(tiny.files).map(([name, bytes]) => {
        const other = Uint8Array.from(bytes);
        if (name === 'te-i') other[20]! ^= change;
        return [name, gzipSync(other, { level: 1 })];
      }),
    );
  // Published with another level of compression.
  const published: DatasetDescription = {
    ...tiny.description,
    format: 'idx-gzip',
    files: {
      trainImages: describeFile('tr-i', gzipSync(tiny.files['tr-i']!, { memLevel: 1 })),
      trainLabels: describeFile('tr-l', gzipSync(tiny.files['tr-l']!, { memLevel: 1 })),
      testImages: describeFile('te-i', gzipSync(tiny.files['te-i']!, { level: 0 })),
      testLabels: describeFile('te-l', gzipSync(tiny.files['te-l']!, { level: 0 })),
    },
  };
  const write = async (files: Readonly<Record<string, Uint8Array>>): Promise<void> => {
    for (const [name, bytes] of Object.entries(files)) await writeFile(join(dir, name), bytes);
  };

  test('are taken when their images and labels are the right ones', async () => {
    await write(zipped());
    expect(plain(await readDataset(published, dir))).toEqual(tiny.splits);
    await expect(verifyDataset(published, dir)).resolves.toBeUndefined();
  });

  test('are refused with one other pixel, and where only the files are known', async () => {
    await write(zipped(1));
    await expect(readDataset(published, dir)).rejects.toThrow('the official file');
    await write(zipped());
    await expect(readDataset({ ...published, contents: null }, dir)).rejects.toThrow(
      'the official file',
    );
    await expect(verifyDataset({ ...published, contents: null }, dir)).rejects.toThrow(
      'the official file',
    );
  });
});

test('CIFAR-10 is read from its six files in its own folder', async () => {
  const { description, splits, files } = tinyCifar10();
  await mkdir(join(dir, 'cifar10'));
  for (const [name, bytes] of Object.entries(files)) {
    await writeFile(join(dir, 'cifar10', name), bytes);
  }
  expect(await readDataset(description, dir)).toEqual(splits);
  await expect(readDataset({ ...description, train: 11 }, dir)).rejects.toThrow(
    'cifar10: 10 images in the train set, not 11',
  );
});

test('images of another kind never pass for those of a data set', async () => {
  const { description } = tinyMnist();
  const { labels } = images(3, [2, 3, 1], 1);
  await writeFile(
    join(dir, 'tr-l'),
    Uint8Array.from([...tiny.files['tr-l']!.subarray(0, 8), ...labels]),
  );
  await expect(readDataset(description, dir)).rejects.toMatchObject({ kind: 'bad-input' });
});

test('what the catalogue says of MNIST is true of its files', async () => {
  const splits = await readDataset(datasets.mnist, dir);
  expect(contentsDigest({ classes: 10, ...splits })).toBe(datasets.mnist.contents);
  const counts = new Array<number>(10).fill(0);
  for (const label of splits.train.labels) counts[label]!++;
  expect(counts).toEqual(trainingClasses(datasets.mnist));
});
