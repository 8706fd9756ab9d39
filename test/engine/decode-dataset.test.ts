import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createTar } from 'nanotar';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { decodeDataset } from '../../engine/toolkit/decode-dataset.js';
import { datasets, type DatasetDescription } from '../../experiment/catalogue/datasets.js';
import type { DatasetFile } from '../../experiment/catalogue/published-files.js';
import { shapes32Records } from '../../numerics/data/shapes32.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'isthmus-data-'));
});
afterEach(() => rm(dir, { recursive: true }));

function described(name: string, bytes: Uint8Array): DatasetFile {
  return { name, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** Puts the bytes into the data set's own folder. */
async function stored(dataset: string, name: string, bytes: Uint8Array): Promise<DatasetFile> {
  await mkdir(join(dir, dataset), { recursive: true });
  await writeFile(join(dir, dataset, name), bytes);
  return described(name, bytes);
}

function archiveOf(files: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const folder = Object.entries(files).map(([name, data]) => ({
    name: `batches-bin/${name}`,
    data,
  }));
  return gzipSync(createTar(folder));
}

type Archived<N extends string> = Extract<DatasetDescription, { format: `${N}-archive` }>;

test('CIFAR-10 is read from its archive: five batches, then the test batch', async () => {
  const images = (from: number) => shapes32Records('train', from, 2);
  const archive = archiveOf({
    'test_batch.bin': images(8),
    ...Object.fromEntries([5, 4, 3, 2, 1].map((i) => [`data_batch_${i}.bin`, images(2 * i - 2)])),
    'batches.meta.txt': Uint8Array.of(65),
  });
  const description: Archived<'cifar10'> = {
    ...(datasets.cifar10 as Archived<'cifar10'>),
    ...{ train: 10, test: 2 },
    files: { archive: await stored('cifar10', 'cifar-10-binary.tar.gz', archive) },
  };
  const { train, test: held } = await decodeDataset(description, dir);
  expect([...train.labels]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect([...held.labels]).toEqual([8, 9]);
  expect(held.pixels).toEqual(train.pixels.subarray(8 * 3072));
  await expect(decodeDataset({ ...description, train: 11 }, dir)).rejects.toThrow(
    'cifar10: 10 images in the train set, not 11',
  );
});

test('CIFAR-100 is read by its fine labels, and an archive without its files is refused', async () => {
  const record = Uint8Array.from([3, 88, ...new Uint8Array(3072)]);
  const whole = archiveOf({ 'train.bin': record, 'test.bin': record });
  const description: Archived<'cifar100'> = {
    ...(datasets.cifar100 as Archived<'cifar100'>),
    ...{ train: 1, test: 1 },
    files: { archive: await stored('cifar100', 'cifar-100-binary.tar.gz', whole) },
  };
  expect([...(await decodeDataset(description, dir)).test.labels]).toEqual([88]);
  const half = archiveOf({ 'train.bin': record });
  const files = { archive: await stored('cifar100', 'half.tar.gz', half) };
  await expect(decodeDataset({ ...description, files }, dir)).rejects.toThrow('holds no test.bin');
});

test('fashion-mnist is read from its gzipped files', async () => {
  type Zipped = Extract<DatasetDescription, { format: 'idx-gzip' }>;
  const image = gzipSync(Uint8Array.from([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 9, 8]));
  const label = gzipSync(Uint8Array.from([0, 0, 8, 1, 0, 0, 0, 1, 6]));
  const description: Zipped = {
    ...(datasets['fashion-mnist'] as Zipped),
    ...{ train: 1, test: 1 },
    files: {
      trainImages: await stored('fashion-mnist', 'a.gz', image),
      trainLabels: await stored('fashion-mnist', 'b.gz', label),
      testImages: await stored('fashion-mnist', 'c.gz', image),
      testLabels: await stored('fashion-mnist', 'd.gz', label),
    },
  };
  const { train } = await decodeDataset(description, dir);
  expect(train).toMatchObject({ count: 1, shape: [1, 2, 1] });
  expect([...train.pixels, ...train.labels]).toEqual([9, 8, 6]);
});

test('shapes32 is made at its first use, and never with other bytes than the expected ones', async () => {
  type Generated = Extract<DatasetDescription, { format: 'cifar10' }>;
  const [train, held] = [shapes32Records('train', 0, 20), shapes32Records('test', 0, 10)];
  const description: Generated = {
    ...(datasets.shapes32 as Generated),
    ...{ train: 20, test: 10 },
    files: { train: described('train.bin', train), test: described('test.bin', held) },
  };
  for (const use of ['first', 'second']) {
    expect((await decodeDataset(description, dir)).train.count, use).toBe(20);
    expect((await readdir(join(dir, 'shapes32'))).sort()).toEqual(['test.bin', 'train.bin']);
  }
  await rm(join(dir, 'shapes32'), { recursive: true });
  const other = { ...description.files, train: { ...description.files.train, sha256: 'ab' } };
  await expect(decodeDataset({ ...description, files: other }, dir)).rejects.toThrow('has sha256');
});
