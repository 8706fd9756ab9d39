/** Decodes a data set from files in one of the layouts of the catalogue, and lays it out in files again. */
import type { DatasetFile, DatasetFiles } from '../../experiment/catalogue/published-files.js';
import type { LabelledImages, Splits } from '../../experiment/records/labelled-images.js';
import { decodeCifar, encodeCifar, type LabelBytes } from '../formats/cifar.js';
import { FormatError } from '../formats/format-error.js';
import { decodeIdx, encodeIdx } from '../formats/idx.js';
import { decodeMatlab } from '../formats/matlab.js';
import { svhnImages } from '../formats/svhn.js';
import { gunzip, untar } from './unpack.js';

/** The bytes of a file of the layout. */
export type ReadFile = (file: DatasetFile) => Promise<Uint8Array>;

export async function decodeLayout(layout: DatasetFiles, read: ReadFile): Promise<Splits> {
  switch (layout.format) {
    case 'idx':
      return decodeIdxFiles(layout.files, read);
    case 'idx-gzip':
      return decodeIdxFiles(layout.files, async (file) => gunzip(await read(file)));
    case 'cifar10-archive': {
      const train = [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`);
      return cifarArchive(await read(layout.files.archive), train, ['test_batch.bin'], 1);
    }
    case 'cifar100-archive':
      return cifarArchive(await read(layout.files.archive), ['train.bin'], ['test.bin'], 2);
    case 'cifar10-batches': {
      const { test, ...batches } = layout.files;
      const train = await Promise.all(Object.values(batches).map(read));
      return { train: decodeCifar(train, 1), test: decodeCifar([await read(test)], 1) };
    }
    case 'cifar10': {
      const [train, test] = [await read(layout.files.train), await read(layout.files.test)];
      return { train: decodeCifar([train], 1), test: decodeCifar([test], 1) };
    }
    case 'matlab': {
      const { train, test } = layout.files;
      return { train: svhn(await read(train)), test: svhn(await read(test)) };
    }
    default:
      throw new Error(`unknown format ${JSON.stringify(layout satisfies never)}`);
  }
}

/** Layouts that files in other containers are rebuilt in. */
export type RebuiltLayout = Extract<DatasetFiles, { format: 'idx' | 'cifar10-batches' }>;

/** Each file of the layout with its bytes; throws for images that it has no place for. */
export function* encodeLayout(
  layout: RebuiltLayout,
  { train, test }: Splits,
): Generator<readonly [DatasetFile, Uint8Array]> {
  if (layout.format === 'idx') {
    const { files } = layout;
    const [first, second] = [encodeIdx(train), encodeIdx(test)];
    yield [files.trainImages, first.images];
    yield [files.trainLabels, first.labels];
    yield [files.testImages, second.images];
    yield [files.testLabels, second.labels];
    return;
  }
  const { test: held, ...batches } = layout.files;
  const perBatch = train.count / Object.keys(batches).length;
  for (const [i, batch] of Object.values(batches).entries()) {
    yield [batch, encodeCifar(train, i * perBatch, (i + 1) * perBatch)];
  }
  yield [held, encodeCifar(test, 0, test.count)];
}

async function decodeIdxFiles(files: RebuiltFiles<'idx'>, read: ReadFile): Promise<Splits> {
  const { trainImages, trainLabels, testImages, testLabels } = files;
  return {
    train: decodeIdx(await read(trainImages), await read(trainLabels)),
    test: decodeIdx(await read(testImages), await read(testLabels)),
  };
}

type RebuiltFiles<Format extends RebuiltLayout['format']> = Extract<
  RebuiltLayout,
  { format: Format }
>['files'];

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
      if (part === undefined) throw new FormatError(`the archive holds no ${name}`);
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
  if (x === undefined || y === undefined) throw new FormatError('the file holds no arrays X and y');
  return svhnImages(x, y);
}
