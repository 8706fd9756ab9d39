/** Images and labels as named arrays: .npz or .safetensors. */
import type { ImageShape } from '../../../experiment/catalogue/datasets.js';
import type { LabelledImages } from '../../../experiment/records/labelled-images.js';
import type { ArrayFile, ArrayHeader } from '../../formats/array-file.js';
import { FormatError } from '../../formats/format-error.js';
import { openNpz } from '../../formats/npz.js';
import { decodeSafetensors } from '../../formats/safetensors.js';
import { elementCount } from '../../formats/tensors.js';
import { mostArrayBytes, mostChannels, mostPixelBytes, mostSide } from './limits.js';
import type { OwnFiles } from './own-files.js';
import { labelBytes, pixelBytes } from './pixel-bytes.js';
import { readBytes } from './read-bytes.js';
import { about, refusal } from './refuse.js';

/** Names that are common, the first of them for advice: images, then labels. */
const trainNames = [
  ['x_train', 'y_train'],
  ['X_train', 'y_train'],
  ['train_images', 'train_labels'],
  ['train_x', 'train_y'],
  ['images', 'labels'],
  ['x', 'y'],
  ['X', 'y'],
  ['data', 'labels'],
  ['arr_0', 'arr_1'],
] as const;
const testNames = [
  ['x_test', 'y_test'],
  ['X_test', 'y_test'],
  ['test_images', 'test_labels'],
  ['test_x', 'test_y'],
] as const;

export async function readNpz(path: string): Promise<OwnFiles> {
  const file = await about(path, () => openNpz(path, mostArrayBytes));
  try {
    return await readSplits(path, file);
  } finally {
    file.close();
  }
}

export async function readSafetensors(path: string): Promise<OwnFiles> {
  const { tensors } = await about(path, async () => decodeSafetensors(await readBytes(path)));
  const tensor = async (name: string) => tensors.get(name)!;
  const names = [...tensors.keys()];
  return readSplits(path, { names, header: tensor, read: tensor, close: () => undefined });
}

type Pair = readonly [images: string, labels: string];

async function readSplits(path: string, file: ArrayFile): Promise<OwnFiles> {
  const train = findPair(file, trainNames);
  if (train === null) throw refusal(path, unnamed(file));
  const test = findPair(file, testNames);
  const pairs = [train, ...(test ? [test] : [])];
  // All headers before any data: what does not fit together is not unpacked.
  for (const pair of pairs) await checkPair(path, file, pair);
  const used = new Set(pairs.flat());
  const unused = file.names.filter((name) => !used.has(name));
  return {
    train: await readPair(path, file, train),
    test: test && (await readPair(path, file, test)),
    classNames: null,
    notes: unused.length > 0 ? [`${path}: not read: ${unused.slice(0, 20).join(', ')}`] : [],
  };
}

function findPair({ names }: ArrayFile, known: readonly Pair[]): Pair | null {
  return known.find((pair) => pair.every((name) => names.includes(name))) ?? null;
}

function unnamed({ names }: ArrayFile): string {
  const held = names.length > 0 ? names.slice(0, 10).join(', ') : 'no arrays';
  return `no images and labels under a known name; it holds ${held}; name them x_train and y_train (x_test, y_test), or images and labels`;
}

async function checkPair(path: string, file: ArrayFile, [x, y]: Pair): Promise<void> {
  const images = await about(`${path}: ${x}`, async () => {
    const header = await file.header(x);
    imageShape(header);
    return header.shape;
  });
  await about(`${path}: ${y}`, async () => checkLabels(await file.header(y), images, x));
}

/** Shape of one image: [n, height, width] is grey, [n, height, width, channels] any other. */
function imageShape({ shape }: ArrayHeader): ImageShape {
  const [count, height, width, channels = 1] = shape;
  const shown = `shape [${shape.join(', ')}]`;
  if (shape.length < 3 || shape.length > 4 || !count || !height || !width || !channels) {
    throw new FormatError(
      `${shown}; images are [n, height, width] or [n, height, width, channels]`,
    );
  }
  if (height <= 4 && channels > 4) {
    throw new FormatError(`${shown} has channels first; save x.transpose(0, 2, 3, 1)`);
  }
  if (Math.max(height, width) > mostSide || channels > mostChannels) {
    throw new FormatError(
      `${shown}; images have at most ${mostSide} x ${mostSide} pixels of ${mostChannels} channels`,
    );
  }
  const pixels = elementCount(shape);
  if (pixels > mostPixelBytes) {
    throw new FormatError(`${shown} is ${pixels} pixels; at most ${mostPixelBytes} are held`);
  }
  return [height, width, channels];
}

function checkLabels({ shape }: ArrayHeader, images: readonly number[], x: string): void {
  const [count, columns = 1] = shape;
  const shown = `shape [${shape.join(', ')}]`;
  if (shape.length === 2 && columns > 1) {
    throw new FormatError(`${shown}; for one-hot labels save y.argmax(1)`);
  }
  if (shape.length < 1 || shape.length > 2) throw new FormatError(`${shown}; labels are [n]`);
  if (count === images[0]) return;
  throw new FormatError(`${count} labels, but ${images[0]} images in ${x}`);
}

async function readPair(path: string, file: ArrayFile, [x, y]: Pair): Promise<LabelledImages> {
  const labels = await about(`${path}: ${y}`, async () => labelBytes(await file.read(y)));
  return about(`${path}: ${x}`, async () => {
    const tensor = await file.read(x);
    const shape = imageShape(tensor);
    return { count: labels.length, shape, labels, pixels: pixelBytes(tensor) };
  });
}
