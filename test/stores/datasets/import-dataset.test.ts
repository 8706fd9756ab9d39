import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createTar } from 'nanotar';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { datasets } from '../../../experiment/catalogue/datasets.js';
import { openFileSets } from '../../../stores/datasets/file-sets.js';
import { importDataset, rebuiltLayout } from '../../../stores/datasets/import-dataset.js';
import { readDataset } from '../../../stores/datasets/read-dataset.js';
import { cifar10Pictures, tinyCifar10 } from './tiny-datasets.js';

const { description, splits, files } = tinyCifar10();
const pictures = cifar10Pictures(splits);

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'isthmus-import-'));
});
afterEach(() => rm(dir, { recursive: true }));

async function folderOf(contents: Readonly<Record<string, Uint8Array>>): Promise<string> {
  const below = join(dir, 'from/a/b');
  await mkdir(below, { recursive: true });
  for (const [name, bytes] of Object.entries(contents)) await writeFile(join(below, name), bytes);
  return join(dir, 'from');
}

async function archiveOf(contents: Readonly<Record<string, Uint8Array>>): Promise<string> {
  const members = Object.entries(contents).map(([name, data]) => ({
    name: `package/${name}`,
    data,
  }));
  await writeFile(join(dir, 'from.tgz'), gzipSync(createTar(members)));
  return join(dir, 'from.tgz');
}

async function imported(from: string, into = join(dir, 'data')): Promise<readonly string[]> {
  const written: string[] = [];
  const sets = await openFileSets(from);
  await importDataset(description, sets, into, ({ name }) => written.push(name));
  return written;
}

test.each<[string, () => Promise<string>]>([
  ['pictures and lists of labels, in a folder below', () => folderOf(pictures)],
  ['the tarball of the package', () => archiveOf(pictures)],
  ['its six binary files', () => folderOf(files)],
])('CIFAR-10 is rebuilt from %s', async (_, make) => {
  expect(await imported(await make())).toEqual(Object.keys(files));
  for (const [name, bytes] of Object.entries(files)) {
    expect((await readFile(join(dir, 'data/cifar10', name))).equals(bytes)).toBe(true);
  }
  expect(await readDataset(description, join(dir, 'data'))).toEqual(splits);
});

test('nothing is written of other images, nor of damaged or missing files', async () => {
  const refused = async (contents: Readonly<Record<string, Uint8Array>>): Promise<string> => {
    const from = await folderOf(contents);
    const { message } = await imported(from).then(
      () => new Error('imported'),
      (error: Error) => error,
    );
    await rm(from, { recursive: true });
    await expect(readFile(join(dir, 'data/cifar10/data_batch_1.bin'))).rejects.toThrow('ENOENT');
    return message;
  };
  const labels = (list: readonly number[]) => new TextEncoder().encode(JSON.stringify(list));
  const other = labels([...splits.train.labels].reverse());
  expect(await refused({ ...pictures, 'train_lables.json': other })).toMatch(
    /are not those of cifar10/,
  );
  expect(await refused({ ...pictures, 'train_lables.json': labels([1, 2]) })).toMatch(
    /train_lables.json: 2 labels, fewer than the images/,
  );
  const cut = pictures['test_batch.png']!.subarray(0, 100);
  expect(await refused({ ...pictures, 'test_batch.png': cut })).toMatch(/a damaged PNG file/);
  const some = { 'test_batch.png': pictures['test_batch.png']! };
  expect(await refused(some)).toMatch(/holds no cifar10/);
});

test('only data sets whose contents are known are rebuilt', () => {
  const rebuilt = Object.values(datasets).filter((one) => rebuiltLayout(one) !== null);
  expect(rebuilt.map(({ name }) => name)).toEqual(['mnist', 'fashion-mnist', 'cifar10']);
});
