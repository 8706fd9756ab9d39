/** Decodes the files of a data set to images in memory; generated data sets are created on first use. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DatasetDescription } from '../../experiment/catalogue/datasets.js';
import { decodeCifar, type LabelBytes } from '../../numerics/data/cifar.js';
import { decodeIdx } from '../../numerics/data/idx.js';
import type { LabelledImages } from '../../numerics/data/labelled-images.js';
import { shapes32Records } from '../../numerics/data/shapes32.js';
import { svhnImages } from '../../numerics/data/svhn.js';
import { ownFolder, readDataset, writeDatasetFile } from '../../stores/datasets/dataset-files.js';
import { decodeMatlab } from '../../stores/formats/matlab.js';
import { gunzip, untar } from '../../stores/datasets/unpack.js';

export interface Splits {
  readonly train: LabelledImages;
  readonly test: LabelledImages;
}

/** Throws when there are other numbers of images than the description says. */
export async function decodeDataset(
  description: DatasetDescription,
  dataDir: string,
): Promise<Splits> {
  const splits = await decode(description, dataDir);
  for (const split of ['train', 'test'] as const) {
    const [found, expected] = [splits[split].count, description[split]];
    if (found === expected) continue;
    throw new Error(`${description.name}: ${found} images in the ${split} set, not ${expected}`);
  }
  return splits;
}

async function decode(description: DatasetDescription, dataDir: string): Promise<Splits> {
  switch (description.format) {
    case 'idx': {
      const files = await readDataset(description, dataDir);
      return {
        train: decodeIdx(files.trainImages, files.trainLabels),
        test: decodeIdx(files.testImages, files.testLabels),
      };
    }
    case 'idx-gzip': {
      const files = await readDataset(description, dataDir);
      return {
        train: decodeIdx(await gunzip(files.trainImages), await gunzip(files.trainLabels)),
        test: decodeIdx(await gunzip(files.testImages), await gunzip(files.testLabels)),
      };
    }
    case 'cifar10-archive': {
      const { archive } = await readDataset(description, dataDir);
      const train = [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`);
      return cifarArchive(archive, train, ['test_batch.bin'], 1);
    }
    case 'cifar100-archive': {
      const { archive } = await readDataset(description, dataDir);
      return cifarArchive(archive, ['train.bin'], ['test.bin'], 2);
    }
    case 'matlab': {
      const files = await readDataset(description, dataDir);
      return { train: svhn(files.train), test: svhn(files.test) };
    }
    case 'cifar10': {
      await generateMissing(description, dataDir);
      const files = await readDataset(description, dataDir);
      return { train: decodeCifar([files.train], 1), test: decodeCifar([files.test], 1) };
    }
    default:
      throw new Error(`unknown format ${JSON.stringify(description satisfies never)}`);
  }
}

async function cifarArchive(
  archive: Uint8Array,
  train: readonly string[],
  test: readonly string[],
  labelBytes: LabelBytes,
): Promise<Splits> {
  const members = untar(await gunzip(archive));
  const parts = (names: readonly string[]) =>
    names.map((name) => {
      const part = members.get(name);
      if (part === undefined) throw new Error(`the archive holds no ${name}`);
      return part;
    });
  return {
    train: decodeCifar(parts(train), labelBytes),
    test: decodeCifar(parts(test), labelBytes),
  };
}

function svhn(file: Uint8Array): LabelledImages {
  const arrays = decodeMatlab(file);
  const [x, y] = [arrays.get('X'), arrays.get('y')];
  if (x === undefined || y === undefined) throw new Error('the file holds no arrays X and y');
  return svhnImages(x, y);
}

/** Two engines may do this at once: both write the same bytes. */
async function generateMissing(
  description: Extract<DatasetDescription, { format: 'cifar10' }>,
  dataDir: string,
): Promise<void> {
  const folder = ownFolder(description, dataDir);
  for (const split of ['train', 'test'] as const) {
    const file = description.files[split];
    if (existsSync(join(folder, file.name))) continue;
    const bytes = shapes32Records(split, 0, description[split]);
    await writeDatasetFile(description.name, folder, file, bytes);
  }
}
