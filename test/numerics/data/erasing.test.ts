// Random erasing: what becomes of each image is a rectangle of noise, of the promised areas and as often as promised.
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { erase } from '../../../numerics/data/erasing.js';
import { augmentImages } from '../../../numerics/data/augment-images.js';
import { expectNoLeaks, values } from '../engine.js';

expectNoLeaks();

const [height, width] = [16, 20];
const count = 2000;

/** Which pixels of each image are no longer 2, which noise never is. */
function erased(
  probability: number,
  seed: readonly [number, number] = [1, 2],
  [leastArea, mostArea] = [0.1, 0.3],
) {
  const all = tf.tidy(() => {
    const images = tf.fill([count, height, width, 1], 2);
    const given = { probability, leastArea: leastArea, mostArea: mostArea };
    return values(erase(images, given, tf.tensor1d([...seed], 'int32')));
  });
  const size = height * width;
  return Array.from({ length: count }, (_, i) => all.slice(i * size, (i + 1) * size));
}

/** Rows and columns with any changed pixel, and how many pixels are changed. */
function extent(image: readonly number[]) {
  const changed = image.flatMap((value, p) => (value === 2 ? [] : [p]));
  const rows = new Set(changed.map((p) => Math.floor(p / width)));
  const columns = new Set(changed.map((p) => p % width));
  return { rows: [...rows], columns: [...columns], pixels: changed.length };
}

test('an erased part is a whole rectangle of noise in [0, 1)', () => {
  for (const image of erased(1)) {
    const { rows, columns, pixels } = extent(image);
    expect(pixels).toBeGreaterThan(0);
    expect(pixels).toBe(rows.length * columns.length);
    for (const side of [rows, columns]) {
      expect(Math.max(...side) - Math.min(...side)).toBe(side.length - 1);
    }
    expect(image.every((value) => value === 2 || (value >= 0 && value < 1))).toBe(true);
  }
  const noise = erased(1).flatMap((image) => image.filter((value) => value !== 2));
  const mean = noise.reduce((sum, value) => sum + value, 0) / noise.length;
  expect(mean).toBeCloseTo(0.5, 2);
});

test('areas are uniform between the bounds, but where a rectangle is cut to the image', () => {
  const areas = erased(1).map((image) => extent(image).pixels / (height * width));
  // Sides are rounded to whole pixels: half a pixel of a side of 4.
  expect(Math.max(...areas)).toBeLessThan(0.3 * 1.15);
  const mean = areas.reduce((sum, area) => sum + area, 0) / count;
  expect(Math.abs(mean - 0.2)).toBeLessThan(0.01);
});

test('as many images are left alone as the probability says, and places differ', () => {
  const found = erased(0.25).map(extent);
  const share = found.filter(({ pixels }) => pixels > 0).length / count;
  expect(Math.abs(share - 0.25)).toBeLessThan(4 * Math.sqrt((0.25 * 0.75) / count));
  const tops = new Set(found.filter(({ pixels }) => pixels > 0).map(({ rows }) => rows[0]));
  expect(tops.size).toBeGreaterThan(8);
});

test('the seed decides; training steps erase where their augmentation says so', () => {
  expect(erased(0.5, [3, 4])).toEqual(erased(0.5, [3, 4]));
  expect(erased(0.5, [3, 4])).not.toEqual(erased(0.5, [3, 5]));
  tf.tidy(() => {
    const images = tf.fill([50, height, width, 1], 2);
    const seed = tf.tensor1d([5, 6], 'int32');
    const erasing = { probability: 1, leastArea: 0.1, mostArea: 0.3 };
    const still = { flip: false, padding: 0 };
    const without = augmentImages(still, images, seed);
    expect(values(without).every((value) => value === 2)).toBe(true);
    const both = augmentImages({ ...still, erasing }, images, seed);
    expect(values(both).some((value) => value < 1)).toBe(true);
  });
});
