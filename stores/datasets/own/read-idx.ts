/** Grey images and labels as IDX files, compressed or not: a folder with the usual names, or two or four files. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { constants, gunzipSync } from 'node:zlib';
import type { LabelledImages } from '../../../experiment/records/labelled-images.js';
import { FormatError } from '../../formats/format-error.js';
import { decodeIdx, idxBytes } from '../../formats/idx.js';
import { gunzip, isGzip } from '../unpack.js';
import { mostPixelBytes } from './limits.js';
import type { OwnFiles } from './own-files.js';
import { readBytes } from './read-bytes.js';
import { about, refusal } from './refuse.js';

/** With `.idx3-ubyte` and `-idx3-ubyte` in use, and `.gz` behind. */
const patterns = [
  /^train.*images.*ubyte/,
  /^train.*labels.*ubyte/,
  /^(t10k|test).*images.*ubyte/,
  /^(t10k|test).*labels.*ubyte/,
] as const;

export async function readIdx(paths: readonly string[]): Promise<OwnFiles> {
  const [images, labels, testImages, testLabels] = await idxPaths(paths);
  return {
    train: await readPair(images!, labels!),
    test: testImages && testLabels ? await readPair(testImages, testLabels) : null,
    classNames: null,
    notes: [],
  };
}

async function idxPaths(paths: readonly string[]): Promise<readonly string[]> {
  if (paths.length === 2 || paths.length === 4) return paths;
  const [folder] = paths;
  const isFolder = paths.length === 1 && (await about(folder!, () => stat(folder!))).isDirectory();
  if (!isFolder) {
    const what = 'name a folder, two files (images, labels), or four (those of the test set last)';
    throw refusal(paths[0] ?? '', what);
  }
  const names = await readdir(folder!);
  const found = patterns.map((pattern) => names.filter((name) => pattern.test(name)).sort()[0]);
  const [images, labels, ...test] = found;
  if (images === undefined || labels === undefined) {
    throw refusal(folder!, 'holds no train-images-idx3-ubyte and train-labels-idx1-ubyte');
  }
  const whole = test.every((name) => name !== undefined) ? test : [];
  return [images, labels, ...whole].map((name) => join(folder!, name));
}

async function readPair(images: string, labels: string): Promise<LabelledImages> {
  const [pixels, numbers] = [await unpacked(images), await unpacked(labels)];
  return about(images, () => decodeIdx(pixels, numbers));
}

/** No more of a compressed file is unpacked than its own header says. */
function unpacked(path: string): Promise<Uint8Array> {
  return about(path, async () => {
    const bytes = await readBytes(path);
    if (!isGzip(bytes)) return bytes;
    const size = idxBytes(firstBytes(bytes));
    if (size > mostPixelBytes) throw new FormatError(`${size} bytes; at most ${mostPixelBytes}`);
    return gunzip(bytes, size);
  });
}

/** A few bytes of a compressed file give the header, and unpack to four megabytes at most. */
function firstBytes(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes.subarray(0, 4096), { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (cause) {
    throw new FormatError('a damaged gzip file', { cause });
  }
}
