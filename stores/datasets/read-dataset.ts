/** Reads and verifies a data set of the catalogue: by the digests of its files, or else by that of its contents. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DatasetDescription } from '../../experiment/catalogue/datasets.js';
import type { UserError } from '../../experiment/errors.js';
import type { Splits } from '../../experiment/records/labelled-images.js';
import { FormatError } from '../formats/format-error.js';
import { contentsDigest } from './contents.js';
import {
  fileDifference,
  layoutFiles,
  locateDataset,
  readDatasetFile,
  unusable,
} from './dataset-files.js';
import { decodeLayout, type ReadFile } from './decode-layout.js';

/**
 * Published files are taken as they are; files of another container, such as archives that were compressed again, are
 * taken if the images and labels in them are the right ones. Throws a UserError otherwise.
 */
export async function readDataset(
  description: DatasetDescription,
  dataDir: string,
): Promise<Splits> {
  const { name, contents } = description;
  const { folder, layout } = locateDataset(description, dataDir);
  const differences: UserError[] = [];
  const read: ReadFile = async (file) => {
    const { bytes, difference } = await readDatasetFile(name, join(folder, file.name), file);
    if (difference && contents === null) throw difference;
    if (difference) differences.push(difference);
    return bytes;
  };
  const splits = await decodeLayout(layout, read).catch((error: unknown) => {
    // A file that is another one says more than what follows from it, or another that is missing.
    if (differences[0]) throw differences[0];
    if (!(error instanceof FormatError)) throw error;
    throw unusable(name, `${folder}: ${error.message}`, error);
  });
  if (differences[0] && !hasContents(description, splits)) throw differences[0];
  checkCounts(description, splits);
  return splits;
}

/** Throws what `readDataset` would, without keeping the bytes; what is generated may still be missing. */
export async function verifyDataset(
  description: DatasetDescription,
  dataDir: string,
): Promise<void> {
  const { name, source } = description;
  const { folder, layout } = locateDataset(description, dataDir);
  for (const file of layoutFiles(layout)) {
    const path = join(folder, file.name);
    if (source === 'generated' && !existsSync(path)) continue;
    const difference = await fileDifference(name, path, file);
    if (difference === null) continue;
    if (description.contents === null) throw difference;
    // Other files may still hold the same images.
    return void (await readDataset(description, dataDir));
  }
}

/** Whether these are the images and labels of the data set. */
export function hasContents({ classes, contents }: DatasetDescription, splits: Splits): boolean {
  return contents !== null && contentsDigest({ classes, ...splits }) === contents;
}

function checkCounts(description: DatasetDescription, splits: Splits): void {
  for (const split of ['train', 'test'] as const) {
    const [found, expected] = [splits[split].count, description[split]];
    if (found === expected) continue;
    throw new Error(`${description.name}: ${found} images in the ${split} set, not ${expected}`);
  }
}
