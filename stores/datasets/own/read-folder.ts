/** PNG and JPEG pictures of one size, in one folder a class; or such folders within `train` and `test`. */
import { readdir, realpath } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import type { ImageShape } from '../../../experiment/catalogue/datasets.js';
import { mostClasses } from '../../../experiment/config/dataset.js';
import type { LabelledImages } from '../../../experiment/records/labelled-images.js';
import { FormatError } from '../../formats/format-error.js';
import { decodeJpeg, isJpeg } from '../../formats/jpeg.js';
import type { Picture } from '../../formats/picture.js';
import { decodePng, isPng } from '../../formats/png.js';
import { mostPixelBytes, mostSide } from './limits.js';
import type { OwnFiles } from './own-files.js';
import { readBytes } from './read-bytes.js';
import { about, refusal } from './refuse.js';

const extensions = ['.png', '.jpg', '.jpeg'];
const mostPictureBytes = 2 ** 26;

interface PicturePath {
  readonly path: string;
  readonly label: number;
}

type LabelledPicture = Picture & Pick<PicturePath, 'label'>;

export async function readFolder(root: string): Promise<OwnFiles> {
  const top = await subfolders(root);
  const isSplit = top.includes('train');
  const trainRoot = isSplit ? join(root, 'train') : root;
  const classNames = isSplit ? await subfolders(trainRoot) : top;
  if (classNames.length < 2 || classNames.length > mostClasses) {
    const what = `${classNames.length} folders; a folder a class is read, 2 to ${mostClasses} of them, or train and test with such folders`;
    throw refusal(trainRoot, what);
  }
  const testRoot = isSplit && top.includes('test') ? join(root, 'test') : null;
  if (testRoot !== null) await checkClasses(testRoot, classNames);
  const skipped: string[] = [];
  const paths = (folder: string) => picturePaths(root, folder, classNames, skipped);
  const train = await decodeAll(await paths(trainRoot));
  const test = testRoot === null ? null : await decodeAll(await paths(testRoot));
  // Grey pictures among coloured ones become coloured.
  const channels = [...train, ...(test ?? [])].some((one) => one.channels === 3) ? 3 : 1;
  return {
    train: joined(train, channels),
    test: test && joined(test, channels),
    classNames,
    notes: skippedNotes(root, skipped),
  };
}

/** Hidden ones apart. */
async function subfolders(folder: string): Promise<readonly string[]> {
  const entries = await about(folder, () => readdir(folder, { withFileTypes: true }));
  const folders = entries.filter((one) => one.isDirectory() || one.isSymbolicLink());
  return folders
    .map(({ name }) => name)
    .filter((name) => !name.startsWith('.'))
    .sort();
}

async function checkClasses(folder: string, known: readonly string[]): Promise<void> {
  const other = (await subfolders(folder)).find((name) => !known.includes(name));
  if (other === undefined) return;
  throw refusal(join(folder, other), 'there is no class of that name in train');
}

/** Class by class, by name. */
async function picturePaths(
  root: string,
  folder: string,
  classNames: readonly string[],
  skipped: string[],
): Promise<readonly PicturePath[]> {
  const inside = await realpath(root);
  const paths: PicturePath[] = [];
  // The test set may be without some.
  const present = await subfolders(folder);
  for (const [label, className] of classNames.entries()) {
    if (!present.includes(className)) continue;
    const own = join(folder, className);
    await checkInside(own, inside);
    for (const name of (await about(own, () => readdir(own))).sort()) {
      const path = join(own, name);
      if (!extensions.includes(extname(name).toLowerCase())) skipped.push(path);
      else {
        await checkInside(path, inside);
        paths.push({ path, label });
      }
    }
  }
  if (paths.length === 0) throw refusal(folder, 'holds no pictures (.png, .jpg, .jpeg)');
  return paths;
}

/** A link may lead anywhere. */
async function checkInside(path: string, root: string): Promise<void> {
  const target = await about(path, () => realpath(path));
  if (target === root || target.startsWith(root + sep)) return;
  throw refusal(path, `leads out of the folder, to ${target}; copy it there`);
}

async function decodeAll(paths: readonly PicturePath[]): Promise<readonly LabelledPicture[]> {
  const pictures: LabelledPicture[] = [];
  let total = 0;
  for (const { path, label } of paths) {
    const picture = await about(path, async () =>
      decodePicture(await readBytes(path, mostPictureBytes)),
    );
    checkSize(path, picture, paths[0]!.path, pictures[0] ?? picture);
    total += picture.pixels.length;
    if (total > mostPixelBytes) throw refusal(path, `over ${mostPixelBytes} pixels up to here`);
    pictures.push({ ...picture, label });
  }
  return pictures;
}

/** By what is in it, whatever its name says. */
function decodePicture(bytes: Uint8Array): Picture {
  if (isPng(bytes)) return decodePng(bytes, mostSide * mostSide);
  if (isJpeg(bytes)) return decodeJpeg(bytes, mostSide * mostSide);
  throw new FormatError('neither a PNG nor a JPEG file');
}

function checkSize(path: string, picture: Picture, first: string, like: Picture): void {
  if (picture.width === like.width && picture.height === like.height) return;
  const shown = ({ width, height }: Picture): string => `${width} x ${height}`;
  throw refusal(path, `${shown(picture)} pixels, but ${first} has ${shown(like)}`);
}

function joined(pictures: readonly LabelledPicture[], channels: 1 | 3): LabelledImages {
  const { width, height } = pictures[0]!;
  const shape: ImageShape = [height, width, channels];
  const size = width * height * channels;
  const pixels = new Uint8Array(pictures.length * size);
  for (const [i, picture] of pictures.entries()) {
    const own = pixels.subarray(i * size, (i + 1) * size);
    if (picture.channels === channels) own.set(picture.pixels);
    else for (let p = 0; p < own.length; p++) own[p] = picture.pixels[Math.floor(p / 3)]!;
  }
  const labels = Uint8Array.from(pictures, ({ label }) => label);
  return { count: labels.length, shape, labels, pixels };
}

function skippedNotes(root: string, skipped: readonly string[]): readonly string[] {
  if (skipped.length === 0) return [];
  return [
    `${root}: ${skipped.length} files that are no pictures were left out, such as ${skipped[0]}`,
  ];
}
