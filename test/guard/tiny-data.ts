/** Data sets of a few images under the names of those that presets use, so that a graph is captured in no time. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { datasets, type DatasetName } from '../../experiment/catalogue/datasets.js';
import type { DatasetFile } from '../../experiment/catalogue/published-files.js';
import { shapes32Records } from '../../numerics/data/shapes32.js';

export interface ImageCounts {
  readonly train: number;
  readonly test: number;
}

/** Enough for whole batches of every fixed size, for the small networks. */
export const someImages: ImageCounts = { train: 300, test: 420 };
/** For networks whose capture takes long. */
export const fewImages: ImageCounts = { train: 6, test: 40 };

/** Writes the files into `dataDir` and describes them in place of the real ones, for this process. */
export function replaceDatasets(dataDir: string): void {
  const { mnist, shapes32, cifar10 } = datasets;
  const replaced = {
    mnist: { ...mnist, ...someImages, files: writeDigits(dataDir, someImages) },
    shapes32: { ...shapes32, ...someImages, files: writeShapes(dataDir, 'shapes32', someImages) },
    cifar10: {
      ...{ ...cifar10, ...fewImages, format: 'cifar10' },
      files: writeShapes(dataDir, 'cifar10', fewImages),
    },
  };
  Object.assign(datasets, replaced);
}

function writeShapes(dataDir: string, name: DatasetName, counts: ImageCounts) {
  const write = writerInto(dataDir, name);
  return {
    train: write('train.bin', shapes32Records('train', 0, counts.train)),
    test: write('test.bin', shapes32Records('test', 0, counts.test)),
  };
}

function writeDigits(dataDir: string, counts: ImageCounts) {
  const write = writerInto(dataDir, 'mnist');
  return {
    trainImages: write('train-images', idx([counts.train, 28, 28])),
    trainLabels: write('train-labels', idx([counts.train])),
    testImages: write('test-images', idx([counts.test, 28, 28])),
    testLabels: write('test-labels', idx([counts.test])),
  };
}

function writerInto(dataDir: string, name: DatasetName) {
  const folder = join(dataDir, name);
  mkdirSync(folder, { recursive: true });
  return (file: string, bytes: Uint8Array): DatasetFile => {
    writeFileSync(join(folder, file), bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { name: file, bytes: bytes.length, sha256 };
  };
}

/** Labels 0 to 9 in turn; pixels without a pattern. */
function idx(sizes: readonly number[]): Uint8Array {
  const count = sizes.reduce((product, size) => product * size, 1);
  const bytes = new Uint8Array(4 + 4 * sizes.length + count);
  const view = new DataView(bytes.buffer);
  bytes.set([0, 0, 8, sizes.length]);
  sizes.forEach((size, axis) => view.setUint32(4 + 4 * axis, size));
  const period = sizes.length === 1 ? 10 : 251;
  for (let i = 0; i < count; i++) bytes[4 + 4 * sizes.length + i] = (i * 7) % period;
  return bytes;
}
