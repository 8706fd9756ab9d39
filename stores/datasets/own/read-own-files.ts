/** A user's files to the contents of a data set: read, checked, and with test images held out where there are none. */
import { resolve } from 'node:path';
import type { DatasetFilesConfig } from '../../../experiment/config/dataset.js';
import type { LabelledImages, Splits } from '../../../experiment/records/labelled-images.js';
import type { Contents } from '../contents.js';
import { holdOut, isSortedByClass, shuffled, type HoldOut } from './hold-out.js';
import type { OwnFiles } from './own-files.js';
import { readNpz, readSafetensors } from './read-arrays.js';
import { readCifar } from './read-cifar.js';
import { readFolder } from './read-folder.js';
import { readIdx } from './read-idx.js';
import { about, refusal } from './refuse.js';

/** Files, and how to read them. */
export type OwnSource = Pick<DatasetFilesConfig, 'format' | 'classes' | 'split'> & {
  readonly files: readonly string[];
};

export interface OwnContents {
  readonly contents: Contents;
  readonly classNames: readonly string[];
  /** Null: the files have test images of their own. */
  readonly heldOut: HoldOut | null;
  readonly notes: readonly string[];
}

/** Where a file says nothing. */
const standardSplit: HoldOut = { test: 0.2, seed: 1 };

/** Throws a UserError of one line for files that cannot be a data set. */
export async function readOwnFiles(source: OwnSource): Promise<OwnContents> {
  const place = source.files.join(', ');
  const read = await readFormat(source);
  const classNames = checkClasses(place, read, source.classes);
  const all = read.test === null ? [read.train] : [read.train, read.test];
  for (const one of all) checkImages(place, one, read.train);
  const heldOut = read.test === null ? (source.split ?? standardSplit) : null;
  if (read.test !== null && source.split !== undefined) {
    throw refusal(place, 'has test images of its own; leave the split out');
  }
  const splits = await about(place, () => split(read, heldOut ?? standardSplit));
  checkEveryClass(place, splits.train, classNames);
  const [train, test] = [inMixedOrder(splits.train), inMixedOrder(splits.test)];
  const mixed = train === splits.train ? [] : [`${place}: sorted by class; put in a mixed order`];
  const contents = { classes: classNames.length, train, test };
  return { contents, classNames, heldOut, notes: [...read.notes, ...mixed] };
}

function readFormat({ files, format }: OwnSource): Promise<OwnFiles> {
  const paths = files.map((file) => resolve(file));
  const single = (): string => {
    if (paths.length === 1) return paths[0]!;
    throw refusal(
      files.join(', '),
      `format ${format} reads one ${format === 'folder' ? 'folder' : 'file'}`,
    );
  };
  switch (format) {
    case 'npz':
      return readNpz(single());
    case 'safetensors':
      return readSafetensors(single());
    case 'folder':
      return readFolder(single());
    case 'idx':
      return readIdx(paths);
    case 'cifar':
      return readCifar(paths);
    default:
      throw new Error(`unknown format ${JSON.stringify(format satisfies never)}`);
  }
}

function split({ train, test }: OwnFiles, asked: HoldOut): Splits {
  return test === null ? holdOut(train, asked) : { train, test };
}

/** The names given, or those of the files, or numbers up to the highest label. */
function checkClasses(
  place: string,
  { train, test, classNames }: OwnFiles,
  given: readonly string[] | undefined,
): readonly string[] {
  const highest = Math.max(highestLabel(train), test === null ? 0 : highestLabel(test));
  const names = given ?? classNames ?? Array.from({ length: highest + 1 }, (_, i) => `${i}`);
  if (given && classNames && given.length !== classNames.length) {
    throw refusal(
      place,
      `${given.length} classes named, but there are ${classNames.length} folders`,
    );
  }
  if (names.length < 2)
    throw refusal(place, 'all labels are 0; a data set has at least two classes');
  if (new Set(names).size < names.length) throw refusal(place, 'two classes have the same name');
  if (highest < names.length) return names;
  throw refusal(
    place,
    `label ${highest}, but ${names.length} classes are named (0 to ${names.length - 1})`,
  );
}

function highestLabel({ labels }: LabelledImages): number {
  return labels.reduce((most, label) => Math.max(most, label), 0);
}

function checkImages(place: string, { count, shape }: LabelledImages, train: LabelledImages): void {
  if (count === 0) throw refusal(place, 'no images');
  if (shape.every((side, i) => side === train.shape[i])) return;
  const shown = (one: readonly number[]): string => one.join(' x ');
  throw refusal(place, `test images of ${shown(shape)}, training images of ${shown(train.shape)}`);
}

function checkEveryClass(
  place: string,
  { labels }: LabelledImages,
  classNames: readonly string[],
): void {
  const seen = new Set(labels);
  const missing = classNames.findIndex((_, label) => !seen.has(label));
  if (missing < 0) return;
  const name = classNames[missing] === `${missing}` ? '' : ` (${classNames[missing]})`;
  throw refusal(place, `class ${missing}${name} has no training images`);
}

function inMixedOrder(images: LabelledImages): LabelledImages {
  return isSortedByClass(images) ? shuffled(images, standardSplit.seed) : images;
}
