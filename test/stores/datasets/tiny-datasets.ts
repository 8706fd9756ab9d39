/** Data sets of a few images under the names of real ones, with the digests of their own files and contents. */
import { createHash } from 'node:crypto';
import { PNG } from 'pngjs';
import { datasets, type DatasetDescription } from '../../../experiment/catalogue/datasets.js';
import type { DatasetFile, FilesIn } from '../../../experiment/catalogue/published-files.js';
import type { LabelledImages, Splits } from '../../../experiment/records/labelled-images.js';
import { contentsDigest } from '../../../stores/datasets/contents.js';
import { encodeCifar } from '../../../stores/formats/cifar.js';
import { encodeIdx } from '../../../stores/formats/idx.js';

/** Pixels without a pattern; each label once in ten images, in no order. */
export function images(count: number, shape: LabelledImages['shape'], from = 0): LabelledImages {
  const size = shape.reduce((product, side) => product * side, 1);
  return {
    ...{ count, shape },
    pixels: Uint8Array.from({ length: count * size }, (_, i) => ((i + from) * 37 + (i >> 3)) % 256),
    labels: Uint8Array.from({ length: count }, (_, i) => ((i + from) * 7) % 10),
  };
}

export function describeFile(name: string, bytes: Uint8Array): DatasetFile {
  return { name, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

export interface Tiny<Description extends DatasetDescription> {
  readonly description: Description;
  readonly splits: Splits;
  /** By name. */
  readonly files: Readonly<Record<string, Uint8Array>>;
}

/** `mnist` with 3 training and 2 test images of 2 x 3 pixels. */
export function tinyMnist(): Tiny<DatasetDescription & FilesIn<'idx'>> {
  const splits: Splits = { train: images(3, [2, 3, 1]), test: images(2, [2, 3, 1], 5) };
  const [train, test] = [encodeIdx(splits.train), encodeIdx(splits.test)];
  const files = {
    'tr-i': train.images,
    'tr-l': train.labels,
    'te-i': test.images,
    'te-l': test.labels,
  };
  const description = {
    ...(datasets.mnist as DatasetDescription & FilesIn<'idx'>),
    ...{ train: 3, test: 2, contents: contentsDigest({ classes: 10, ...splits }) },
    files: {
      trainImages: describeFile('tr-i', train.images),
      trainLabels: describeFile('tr-l', train.labels),
      testImages: describeFile('te-i', test.images),
      testLabels: describeFile('te-l', test.labels),
    },
  };
  return { description, splits, files };
}

/** `cifar10` with 10 training and 2 test images; its files are those of the rebuilt layout. */
export function tinyCifar10(): Tiny<DatasetDescription> {
  const splits: Splits = { train: images(10, [32, 32, 3]), test: images(2, [32, 32, 3], 7) };
  const batch = (i: number): Uint8Array => encodeCifar(splits.train, 2 * i - 2, 2 * i);
  const name = (i: number): string => `data_batch_${i}.bin`;
  const held = encodeCifar(splits.test, 0, 2);
  const batches = [1, 2, 3, 4, 5].map((i) => describeFile(name(i), batch(i)));
  const [batch1, batch2, batch3, batch4, batch5] = batches as [DatasetFile, ...DatasetFile[]];
  const files = {
    ...{ batch1, batch2: batch2!, batch3: batch3!, batch4: batch4!, batch5: batch5! },
    test: describeFile('test_batch.bin', held),
  };
  const description: DatasetDescription = {
    ...datasets.cifar10,
    ...{ train: 10, test: 2, contents: contentsDigest({ classes: 10, ...splits }) },
    unpacked: { format: 'cifar10-batches', files },
  };
  const bytes = [1, 2, 3, 4, 5].map((i) => [name(i), batch(i)] as const);
  return { description, splits, files: { ...Object.fromEntries(bytes), 'test_batch.bin': held } };
}

/** The same images as the npm package lays them out. */
export function cifar10Pictures({ train, test }: Splits): Readonly<Record<string, Uint8Array>> {
  const text = (labels: Uint8Array) => new TextEncoder().encode(JSON.stringify([...labels]));
  const batches = [0, 1, 2, 3, 4].map((i) => {
    const pixels = train.pixels.subarray(2 * i * 3072, 2 * (i + 1) * 3072);
    return [`data_batch_${i + 1}.png`, picture(1024, 2, pixels)] as const;
  });
  return {
    ...Object.fromEntries(batches),
    'test_batch.png': picture(1024, 2, test.pixels),
    'train_lables.json': text(train.labels),
    'test_lables.json': text(test.labels),
  };
}

/** A PNG of colour. */
export function picture(width: number, height: number, pixels: Uint8Array): Uint8Array {
  const png = new PNG({ width, height, colorType: 2, inputColorType: 2, inputHasAlpha: false });
  png.data = Buffer.from(pixels);
  return PNG.sync.write(png, { colorType: 2, inputColorType: 2, inputHasAlpha: false });
}

/** With plain arrays of bytes, to compare. */
export function plain({ train, test }: Splits): Splits {
  const bytes = (one: LabelledImages): LabelledImages => ({
    ...one,
    pixels: Uint8Array.from(one.pixels),
    labels: Uint8Array.from(one.labels),
  });
  return { train: bytes(train), test: bytes(test) };
}
