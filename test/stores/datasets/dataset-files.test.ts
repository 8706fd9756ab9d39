import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  datasets,
  type DatasetDescription,
  type DatasetFile,
} from '../../../experiment/catalogue/datasets.js';
import { readDataset, verifyDataset } from '../../../stores/datasets/dataset-files.js';

const contents = { trainImages: 'tr-i', trainLabels: 'tr-l', testImages: 'te-i', testLabels: 't' };
type Part = keyof typeof contents;

function fileOf(part: Part): DatasetFile {
  const sha256 = createHash('sha256').update(contents[part]).digest('hex');
  return { name: `${part}.idx`, bytes: contents[part].length, sha256 };
}

type Idx = Extract<DatasetDescription, { format: 'idx' }>;

/** The shape of a real description, with files of a few bytes. */
const tiny: Idx = {
  ...(datasets.mnist as Idx),
  files: {
    trainImages: fileOf('trainImages'),
    trainLabels: fileOf('trainLabels'),
    testImages: fileOf('testImages'),
    testLabels: fileOf('testLabels'),
  },
};

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'isthmus-dataset-'));
  for (const part of Object.keys(contents) as Part[]) {
    await writeFile(join(dir, tiny.files[part].name), contents[part]);
  }
});
afterEach(() => rm(dir, { recursive: true }));

test('official files are read as they are', async () => {
  const read = await readDataset(tiny, dir);
  for (const part of Object.keys(contents) as Part[]) {
    expect(Buffer.from(read[part]).toString()).toBe(contents[part]);
  }
  await expect(verifyDataset(tiny, dir)).resolves.toBeUndefined();
});

describe.each<[string, (description: Idx, dir: string) => Promise<unknown>]>([
  ['readDataset', readDataset],
  ['verifyDataset', verifyDataset],
])('%s refuses', (_, check) => {
  const path = () => join(dir, 'testImages.idx');

  test('a missing file, by path and with what to do', async () => {
    await rm(path());
    await expect(check(tiny, dir)).rejects.toMatchObject({
      kind: 'bad-input',
      message: `data set mnist: cannot read ${path()}: there is no such file`,
      hint: expect.stringContaining('ISTHMUS_DATA_DIR'),
    });
  });

  test('a file of another size', async () => {
    await writeFile(path(), 'te-');
    await expect(check(tiny, dir)).rejects.toMatchObject({
      kind: 'bad-input',
      message: `data set mnist: ${path()} has 3 bytes, the official file 4`,
    });
  });

  test('a file of the same size with one other byte, naming both digests', async () => {
    await writeFile(path(), 'te-j');
    const found = createHash('sha256').update('te-j').digest('hex');
    await expect(check(tiny, dir)).rejects.toMatchObject({
      kind: 'bad-input',
      message: `data set mnist: ${path()} has sha256 ${found}, the official file ${tiny.files.testImages.sha256}`,
    });
  });

  test('a folder in the place of a file', async () => {
    await expect(
      check(
        { ...tiny, files: { ...tiny.files, testImages: { ...fileOf('testImages'), name: '.' } } },
        dir,
      ),
    ).rejects.toMatchObject({ kind: 'bad-input' });
  });
});
