/** Colour images of 32 x 32 in the binary format of CIFAR: files, or the .bin files of a folder. */
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { decodeCifar, type LabelBytes } from '../../formats/cifar.js';
import { FormatError } from '../../formats/format-error.js';
import type { OwnFiles } from './own-files.js';
import { readBytes } from './read-bytes.js';
import { about, refusal } from './refuse.js';

/** Files with `test` in their names are the test set. */
export async function readCifar(paths: readonly string[]): Promise<OwnFiles> {
  const files = await binaryFiles(paths);
  const isTest = (path: string): boolean => basename(path).includes('test');
  const parts = new Map<string, Uint8Array>();
  for (const path of files) parts.set(path, await about(path, () => readRecords(path)));
  const labelBytes = await about(files.join(', '), () => labelBytesOf([...parts.values()]));
  const decoded = (wanted: readonly string[]) =>
    decodeCifar(
      wanted.map((path) => parts.get(path)!),
      labelBytes,
    );
  const [train, test] = [files.filter((path) => !isTest(path)), files.filter(isTest)];
  if (train.length === 0) throw refusal(files.join(', '), 'no file of training images');
  return {
    train: decoded(train),
    test: test.length > 0 ? decoded(test) : null,
    classNames: null,
    notes: [],
  };
}

async function binaryFiles(paths: readonly string[]): Promise<readonly string[]> {
  const [folder] = paths;
  const isFolder = paths.length === 1 && (await about(folder!, () => stat(folder!))).isDirectory();
  if (!isFolder) return paths;
  const names = (await readdir(folder!)).filter((name) => name.endsWith('.bin'));
  if (names.length === 0) throw refusal(folder!, 'holds no .bin files');
  return names.sort().map((name) => join(folder!, name));
}

async function readRecords(path: string): Promise<Uint8Array> {
  const bytes = await readBytes(path);
  if (bytes.length === 0) throw new FormatError('empty');
  if (fits(bytes, 1) || fits(bytes, 2)) return bytes;
  const what = `${bytes.length} bytes are no whole number of 3073-byte records (CIFAR-10) or 3074-byte ones (CIFAR-100)`;
  throw new FormatError(what);
}

function fits({ length }: Uint8Array, labelBytes: LabelBytes): boolean {
  return length % (labelBytes + 3072) === 0;
}

/** One, unless all files have two. */
function labelBytesOf(parts: readonly Uint8Array[]): LabelBytes {
  for (const labelBytes of [1, 2] as const) {
    if (parts.every((part) => fits(part, labelBytes))) return labelBytes;
  }
  throw new FormatError('some have records of one label byte, others of two');
}
