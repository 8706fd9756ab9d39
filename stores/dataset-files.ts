/** The official files of a data set, read only if size and sha256 are those the experiment code names. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { DatasetDescription, DatasetFile, DatasetName } from '../experiment/datasets.js';
import { UserError } from '../experiment/errors.js';

/** Raw bytes of each file, as published. */
export type DatasetBytes = Readonly<Record<keyof DatasetDescription['files'], Uint8Array>>;

export async function readDataset(
  description: DatasetDescription,
  dir: string,
): Promise<DatasetBytes> {
  const { trainImages, trainLabels, testImages, testLabels } = description.files;
  const read = (file: DatasetFile) => readVerified(description.name, join(dir, file.name), file);
  return {
    trainImages: await read(trainImages),
    trainLabels: await read(trainLabels),
    testImages: await read(testImages),
    testLabels: await read(testLabels),
  };
}

/** Throws what `readDataset` would, without keeping the bytes. */
export async function verifyDataset(description: DatasetDescription, dir: string): Promise<void> {
  for (const file of Object.values(description.files)) {
    const path = join(dir, file.name);
    await guarded(description.name, path, async () => {
      await checkSize(description.name, path, file);
      const hash = createHash('sha256');
      await pipeline(createReadStream(path), hash);
      checkDigest(description.name, path, file, hash.digest('hex'));
    });
  }
}

function readVerified(dataset: DatasetName, path: string, file: DatasetFile): Promise<Uint8Array> {
  return guarded(dataset, path, async () => {
    await checkSize(dataset, path, file);
    const bytes = await readFile(path);
    checkDigest(dataset, path, file, createHash('sha256').update(bytes).digest('hex'));
    return bytes;
  });
}

/** Before reading: a file of the wrong size need not fit into memory. */
async function checkSize(dataset: DatasetName, path: string, file: DatasetFile): Promise<void> {
  const { size } = await stat(path);
  if (size === file.bytes) return;
  throw unusable(dataset, `${path} has ${size} bytes, the official file ${file.bytes}`);
}

function checkDigest(dataset: DatasetName, path: string, file: DatasetFile, found: string): void {
  if (found === file.sha256) return;
  throw unusable(dataset, `${path} has sha256 ${found}, the official file ${file.sha256}`);
}

async function guarded<T>(dataset: DatasetName, path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof UserError) throw error;
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const why = missing ? 'there is no such file' : (error as Error).message;
    throw unusable(dataset, `cannot read ${path}: ${why}`, error);
  }
}

function unusable(dataset: DatasetName, what: string, cause?: unknown): UserError {
  return new UserError('bad-input', `data set ${dataset}: ${what}`, {
    cause,
    hint: `put the official, unpacked ${dataset} files into one folder and name it in ISTHMUS_DATA_DIR`,
  });
}
