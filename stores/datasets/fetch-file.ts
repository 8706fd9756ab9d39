/** Downloads one file of a data set: resumable, verified before it is moved into place. */
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { DatasetName } from '../../experiment/catalogue/datasets.js';
import { UserError } from '../../experiment/errors.js';
import { verifyFile } from './dataset-files.js';
import type { DatasetSource } from './dataset-sources.js';
import { knownDigest, type KnownFile } from './known-file.js';

export interface Fetching {
  readonly dataset: DatasetName;
  readonly folder: string;
  readonly source: DatasetSource;
  readonly signal: AbortSignal;
  /** Told how many bytes of the file are there. */
  readonly onBytes: (bytes: number) => void;
}

/** `present`: it was there, and is what it should be. */
export async function fetchFile(
  file: KnownFile,
  fetching: Fetching,
): Promise<'fetched' | 'present'> {
  const path = join(fetching.folder, file.name);
  if (existsSync(path)) {
    await verifyFile(fetching.dataset, path, file);
    return 'present';
  }
  await mkdir(fetching.folder, { recursive: true });
  const part = `${path}.part`;
  const there = await fileSize(part);
  if (there > file.bytes) await rm(part);
  if (there !== file.bytes) await download(file, part, there > file.bytes ? 0 : there, fetching);
  await verifyPart(file, part, fetching);
  await rename(part, path);
  return 'fetched';
}

async function fileSize(path: string): Promise<number> {
  return existsSync(path) ? (await stat(path)).size : 0;
}

async function download(
  file: KnownFile,
  part: string,
  there: number,
  { source, signal, onBytes }: Fetching,
): Promise<void> {
  const place = source.describe(file.name);
  try {
    const { from, bytes } = await source.open(file.name, there, signal);
    const flags = from > 0 ? 'a' : 'w';
    await pipeline(bytes, counted(file, place, from, onBytes), createWriteStream(part, { flags }), {
      signal,
    });
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    const stopped = `after ${await fileSize(part)} of ${file.bytes} bytes`;
    if (signal.aborted) {
      throw new UserError('cancelled', `${place}: stopped ${stopped}`, { cause, hint: goesOn });
    }
    throw new UserError('dependency-down', `${place}: broke off ${stopped}`, {
      cause,
      hint: goesOn,
    });
  }
  const size = await fileSize(part);
  if (size === file.bytes) return;
  throw new UserError('dependency-down', `${place}: ended after ${size} of ${file.bytes} bytes`, {
    hint: goesOn,
  });
}

const goesOn = 'the same command goes on from there';

/** Passes bytes on; more than the file has end it, so that a wrong address does not fill the disk. */
function counted(
  file: KnownFile,
  place: string,
  from: number,
  onBytes: (bytes: number) => void,
): Transform {
  let count = from;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      count += chunk.length;
      onBytes(count);
      if (count <= file.bytes) return done(null, chunk);
      const what = `${place} is longer than the ${file.bytes} bytes of the published file`;
      return done(new UserError('bad-input', what));
    },
  });
}

/** Removes a file that is not the published one: a download resumed from it could never match the digest. */
async function verifyPart(
  file: KnownFile,
  part: string,
  { dataset, source }: Fetching,
): Promise<void> {
  try {
    await verifyFile(dataset, part, file);
  } catch (cause) {
    await rm(part, { force: true });
    const { algorithm, digest } = knownDigest(file);
    const what = `${source.describe(file.name)} is not the published file: its ${algorithm} is not ${digest}`;
    throw new UserError('bad-input', what, { cause, hint: 'name another address with --from' });
  }
}
