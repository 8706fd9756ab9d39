import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { datasets } from '../../../../experiment/catalogue/datasets.js';
import type { OwnDataset } from '../../../../experiment/catalogue/own-dataset.js';
import { addOwn, readOwnData, specOf } from '../../../../stores/datasets/own/add-own.js';
import {
  contentsPath,
  findOwn,
  listOwn,
  readOwn,
} from '../../../../stores/datasets/own/own-store.js';
import { verifySpec } from '../../../../stores/datasets/own/verify-spec.js';
import { readDataset } from '../../../../stores/datasets/read-dataset.js';
import { plain, tinyCifar10 } from '../tiny-datasets.js';

const fixtures = join(import.meta.dirname, '../../fixtures/own-data');
const source = { format: 'npz' as const, files: [join(fixtures, 'stored.npz')] };

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'isthmus-store-'));
});
afterEach(() => rm(dir, { recursive: true }));

async function added(name: string, from = source): Promise<OwnDataset> {
  const read = await readOwnData(name, from);
  await addOwn(read, from, dir);
  return read.dataset;
}

test('contents lie under their digest, and names point to them', async () => {
  const one = await added('one');
  expect(one).toMatchObject({
    ...{ name: 'one', shape: [4, 5, 1], classes: 3, train: 7, test: 3 },
    trainPerClass: [3, 2, 2],
  });
  const two = await added('two');
  expect(two).toEqual({ ...one, name: 'two' });
  expect((await readdir(join(dir, 'own'))).sort()).toEqual(
    [`${one.digest}.images`, 'one.json', 'two.json'].sort(),
  );
  expect(findOwn('one', dir)).toEqual({
    dataset: one,
    classNames: ['0', '1', '2'],
    source: { format: 'npz', files: source.files },
    heldOut: null,
  });
  expect(listOwn(dir).map(({ dataset }) => dataset.name)).toEqual(['one', 'two']);
  const { contents } = await readOwnData('one', source);
  expect(plain(await readOwn(one, dir))).toEqual(plain(contents));
  await expect(verifySpec(one, dir)).resolves.toBeUndefined();
});

test('a name cannot become another data set, nor lead out of the folder', async () => {
  const one = await added('one');
  const other = { format: 'npz' as const, files: [join(fixtures, 'floats.npz')] };
  await expect(added('one', other)).rejects.toMatchObject({
    kind: 'bad-input',
    message: `one is another data set already (sha256 ${one.digest})`,
  });
  expect(await readdir(join(dir, 'own'))).toHaveLength(2);
  expect(findOwn('one', dir)?.dataset).toEqual(one);
  await writeFile(join(dir, 'out.json'), '{}');
  expect(findOwn('../out', dir)).toBeNull();
});

test('contents that are missing or others are refused, with what to do', async () => {
  const one = await added('one');
  const path = contentsPath(one, dir);
  const bytes = await readFile(path);
  bytes[bytes.length - 1]! ^= 1;
  await writeFile(path, bytes);
  for (const check of [readOwn, verifySpec]) {
    await expect(check(one, dir)).rejects.toMatchObject({
      kind: 'bad-input',
      message: expect.stringContaining(`data set one: ${path} has sha256 `),
    });
  }
  await rm(path);
  await expect(readOwn(one, dir)).rejects.toMatchObject({
    kind: 'bad-input',
    message: `data set one (sha256 ${one.digest}) is not here: no ${path}`,
    hint: expect.stringContaining('./isthmus data add one'),
  });
  await writeFile(join(dir, 'own/one.json'), '{ "name": "one" }');
  expect(() => findOwn('one', dir)).toThrow('not a record of a data set');
});

test('images and labels of a data set of the catalogue become that one', async () => {
  const { description, splits, files } = tinyCifar10();
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(dir, name), bytes);
  const real = datasets.cifar10;
  Object.assign(datasets, { cifar10: description });
  try {
    const from = {
      format: 'cifar' as const,
      files: [1, 2, 3, 4, 5].map((i) => join(dir, `data_batch_${i}.bin`)),
    };
    const batches = { ...from, files: [...from.files, join(dir, 'test_batch.bin')] };
    const read = await readOwnData('mine', batches);
    expect(specOf(read)).toBe('cifar10');
    await addOwn(read, batches, join(dir, 'data'));
    expect(await readdir(join(dir, 'data'))).toEqual(['cifar10']);
    expect(await readDataset(description, join(dir, 'data'))).toEqual(splits);
  } finally {
    Object.assign(datasets, { cifar10: real });
  }
});
