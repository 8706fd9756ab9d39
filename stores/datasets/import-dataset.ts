/** Brings a data set of the catalogue into the data folder from whatever container it came in. */
import type { DatasetDescription } from '../../experiment/catalogue/datasets.js';
import type { DatasetFile } from '../../experiment/catalogue/published-files.js';
import { UserError } from '../../experiment/errors.js';
import type { Splits } from '../../experiment/records/labelled-images.js';
import { FormatError } from '../formats/format-error.js';
import { cifar10PngNames, decodeCifar10Png } from './cifar10-png.js';
import { layoutFiles, ownFolder, writeDatasetFile } from './dataset-files.js';
import { decodeLayout, encodeLayout, type RebuiltLayout } from './decode-layout.js';
import type { FileSet } from './file-sets.js';
import { hasContents } from './read-dataset.js';

/** Whether these are the published files, as far as their sizes say. */
export async function hasFilesOf(
  description: DatasetDescription,
  files: FileSet,
): Promise<boolean> {
  for (const { name, bytes } of layoutFiles(description)) {
    if (!files.names.has(name) || (await files.size(name)) !== bytes) return false;
  }
  return true;
}

/** A way in which the files of a data set may lie side by side. */
interface Readable {
  readonly names: readonly string[];
  readonly decode: (files: FileSet) => Promise<Splits>;
}

/** The layout in which imports are stored, or null where only the published files are known. */
export function rebuiltLayout({
  contents,
  unpacked,
  ...own
}: DatasetDescription): RebuiltLayout | null {
  const layout = unpacked ?? own;
  const rebuilt = layout.format === 'idx' || layout.format === 'cifar10-batches';
  return contents !== null && rebuilt ? layout : null;
}

/**
 * Reads the images from the first of the file sets that has them, verifies the digest of their contents, and writes
 * them as the files of the rebuilt layout, each verified again.
 */
export async function importDataset(
  description: DatasetDescription,
  sets: readonly FileSet[],
  dataDir: string,
  onFile: (file: DatasetFile) => void,
): Promise<void> {
  await storeSplits(description, await readSplits(description, sets), dataDir, onFile);
}

/** Writes the images of a data set as the files of the rebuilt layout, each verified. */
export async function storeSplits(
  description: DatasetDescription,
  splits: Splits,
  dataDir: string,
  onFile: (file: DatasetFile) => void = () => undefined,
): Promise<void> {
  const layout = rebuiltLayout(description);
  if (layout === null) throw new Error(`${description.name} is not rebuilt from other files`);
  const folder = ownFolder(description, dataDir);
  for (const [file, bytes] of encodeLayout(layout, splits)) {
    await writeDatasetFile(description.name, folder, file, bytes);
    onFile(file);
  }
}

async function readSplits(
  description: DatasetDescription,
  sets: readonly FileSet[],
): Promise<Splits> {
  const { name, contents } = description;
  const [files, { decode }] = findReadable(description, sets);
  try {
    const splits = await decode(files);
    if (hasContents(description, splits)) return splits;
    const what = `${files.place}: its images and labels are not those of ${name}`;
    throw new UserError('bad-input', what, { hint: `their digest would be ${contents}` });
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    throw new UserError('bad-input', `${files.place}: ${cause.message}`, { cause });
  }
}

function findReadable(
  description: DatasetDescription,
  sets: readonly FileSet[],
): readonly [FileSet, Readable] {
  const ways = readableWays(description);
  for (const files of sets) {
    const way = ways.find(({ names }) => names.every((name) => files.names.has(name)));
    if (way) return [files, way];
  }
  const wanted = ways.map(({ names }) => names.join(', ')).join('; or ');
  throw new UserError('bad-input', `${sets[0]?.place}: holds no ${description.name}`, {
    hint: `it would be, side by side in it or in a folder below: ${wanted}`,
  });
}

function readableWays(description: DatasetDescription): readonly Readable[] {
  const { unpacked, name } = description;
  const layouts = unpacked ? [description, unpacked] : [description];
  const pictures = { names: cifar10PngNames, decode: decodeCifar10Png };
  return [
    ...layouts.map((layout) => ({
      names: layoutFiles(layout).map((file) => file.name),
      decode: (files: FileSet) => decodeLayout(layout, (file) => files.read(file.name)),
    })),
    ...(name === 'cifar10' ? [pictures] : []),
  ];
}
