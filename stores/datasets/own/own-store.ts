/**
 * A user's data sets in `own/` of the data folder: contents under their digest, and for each name a small record that
 * points to them.
 */
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { OwnDataset } from '../../../experiment/catalogue/own-dataset.js';
import { ownDatasetSchema } from '../../../experiment/config/dataset.js';
import { name as nameSchema } from '../../../experiment/config/fields.js';
import { UserError } from '../../../experiment/errors.js';
import {
  contentsDigest,
  contentsParts,
  decodeContents,
  parseContentsHeader,
  type Contents,
} from '../contents.js';
import { about, refusal } from './refuse.js';

const recordSchema = z.strictObject({
  dataset: ownDatasetSchema,
  classNames: z.array(z.string()),
  source: z.strictObject({ format: z.string(), files: z.array(z.string()) }),
  heldOut: z.strictObject({ test: z.number(), seed: z.number() }).nullable(),
});

/** The record of a data set under the name that its user gave it. */
export type OwnRecord = Readonly<z.output<typeof recordSchema>>;

function ownDataFolder(dataDir: string): string {
  return join(dataDir, 'own');
}

export function contentsPath({ digest }: Pick<OwnDataset, 'digest'>, dataDir: string): string {
  return join(ownDataFolder(dataDir), `${digest}.images`);
}

function recordPath(name: string, dataDir: string): string {
  return join(ownDataFolder(dataDir), `${name}.json`);
}

/** Facts of contents that planning needs, under a name. */
export function describeContents(name: string, contents: Contents): OwnDataset {
  const { classes, train, test } = contents;
  const trainPerClass = new Array<number>(classes).fill(0);
  for (const label of train.labels) trainPerClass[label]!++;
  const facts = { shape: train.shape, classes, train: train.count, test: test.count };
  return { name, digest: contentsDigest(contents), ...facts, trainPerClass };
}

/** The record of a name, or null. */
export function findOwn(name: string, dataDir: string): OwnRecord | null {
  if (!nameSchema.safeParse(name).success) return null;
  const path = recordPath(name, dataDir);
  if (!existsSync(path)) return null;
  try {
    return recordSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw refusal(path, 'not a record of a data set; remove it and add the data set again', cause);
  }
}

/** All records, by name. */
export function listOwn(dataDir: string): readonly OwnRecord[] {
  const folder = ownDataFolder(dataDir);
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return names.sort().map((name) => findOwn(name.slice(0, -'.json'.length), dataDir)!);
}

/** Contents to which no name points: those that experiments brought as files. */
export function unnamedContents(dataDir: string): readonly StoredContents[] {
  const folder = ownDataFolder(dataDir);
  if (!existsSync(folder)) return [];
  const named = new Set(listOwn(dataDir).map(({ dataset }) => dataset.digest));
  const digests = readdirSync(folder).flatMap(
    (name) => /^([0-9a-f]{64})\.images$/.exec(name)?.[1] ?? [],
  );
  return digests
    .filter((digest) => !named.has(digest))
    .sort()
    .map((digest) => ({ digest, ...readHeader(contentsPath({ digest }, dataDir)) }));
}

/** Without the numbers of each class, which no header holds. */
type StoredContents = Omit<OwnDataset, 'name' | 'trainPerClass'>;

/** Reads the first bytes alone. */
function readHeader(path: string): Omit<StoredContents, 'digest'> {
  const descriptor = openSync(path, 'r');
  try {
    const first = new Uint8Array(1000);
    const length = readSync(descriptor, first);
    return parseContentsHeader(first.subarray(0, length)).header;
  } catch (cause) {
    throw refusal(path, 'not contents of a data set; remove it', cause);
  } finally {
    closeSync(descriptor);
  }
}

/** Whole or not at all; contents that are there already are left alone. */
export async function storeContents(
  { digest }: OwnDataset,
  contents: Contents,
  dataDir: string,
): Promise<void> {
  const path = contentsPath({ digest }, dataDir);
  if (!existsSync(path)) await writeWhole(path, contentsParts(contents), dataDir);
}

export function storeRecord(record: OwnRecord, dataDir: string): Promise<void> {
  const text = `${JSON.stringify(record, null, 2)}\n`;
  const path = recordPath(record.dataset.name, dataDir);
  return writeWhole(path, [new TextEncoder().encode(text)], dataDir);
}

async function writeWhole(
  path: string,
  parts: readonly Uint8Array[],
  dataDir: string,
): Promise<void> {
  await mkdir(ownDataFolder(dataDir), { recursive: true });
  const part = `${path}.${randomBytes(6).toString('hex')}.part`;
  try {
    const file = await open(part, 'wx');
    try {
      for (const bytes of parts) await file.writeFile(bytes);
    } finally {
      await file.close();
    }
    await rename(part, path);
  } finally {
    await rm(part, { force: true });
  }
}

/** Verified by their digest; throws a UserError where they are missing or others. */
export async function readOwn(dataset: OwnDataset, dataDir: string): Promise<Contents> {
  const { digest, name } = dataset;
  const path = contentsPath(dataset, dataDir);
  if (!existsSync(path)) throw missing(dataset, path);
  const bytes = await about(path, () => readFile(path));
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found === digest) return about(path, () => decodeContents(bytes));
  throw new UserError('bad-input', `data set ${name}: ${path} has sha256 ${found}`, {
    hint: 'remove the file and add the data set again (./isthmus data add)',
  });
}

function missing({ name, digest }: OwnDataset, path: string): UserError {
  return new UserError('bad-input', `data set ${name} (sha256 ${digest}) is not here: no ${path}`, {
    hint: `on this machine: ./isthmus data add ${name} with its files, or copy that file from where it was added`,
  });
}
