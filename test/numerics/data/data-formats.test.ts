import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { datasets } from '../../../experiment/catalogue/datasets.js';
import { contentsDigest } from '../../../stores/datasets/contents.js';
import { decodeCifar } from '../../../stores/formats/cifar.js';
import { shapes32Records } from '../../../numerics/data/shapes32.js';
import { svhnImages } from '../../../stores/formats/svhn.js';

/** One record: labels, then planes whose value is 80 times the plane plus the position modulo 80. */
function record(...labels: number[]): Uint8Array {
  const planes = [0, 1, 2].flatMap((c) =>
    Array.from({ length: 1024 }, (_, p) => 80 * c + (p % 80)),
  );
  return Uint8Array.from([...labels, ...planes]);
}

describe('the binary format of CIFAR', () => {
  test('is turned from planes into pixels, parts one after the other', () => {
    const decoded = decodeCifar([record(7), record(3)], 1);
    expect(decoded).toMatchObject({ count: 2, shape: [32, 32, 3] });
    expect([...decoded.labels]).toEqual([7, 3]);
    expect([...decoded.pixels.subarray(0, 6)]).toEqual([0, 80, 160, 1, 81, 161]);
    const last = 2 * 3072 - 3;
    expect([...decoded.pixels.subarray(last)]).toEqual([63, 143, 223]); // position 1023 = 63 mod 80
  });

  test('has a coarse label before the one that counts in CIFAR-100', () => {
    expect([...decodeCifar([record(19, 77)], 2).labels]).toEqual([77]);
  });

  test('is refused when a record is cut', () => {
    expect(() => decodeCifar([record(1).subarray(1)], 1)).toThrow('no whole number of 3073-byte');
  });
});

describe('SVHN', () => {
  test('is turned from columns into pixels, with 10 for the digit 0', () => {
    // Height 2, width 3, 1 channel, 2 images; the first index runs fastest.
    const data = Uint8Array.from({ length: 12 }, (_, i) => i);
    const decoded = svhnImages(
      { shape: [2, 3, 1, 2], data },
      { shape: [2, 1], data: Uint8Array.of(10, 4) },
    );
    expect([...decoded.pixels]).toEqual([0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11]);
    expect([...decoded.labels]).toEqual([0, 4]);
  });

  test('is refused when there are not as many labels as images', () => {
    const x = { shape: [1, 1, 1, 2], data: new Uint8Array(2) };
    expect(() => svhnImages(x, { shape: [1, 1], data: new Uint8Array(1) })).toThrow(
      '2 images, but 1',
    );
  });
});

describe('shapes32', () => {
  test('is the same bytes everywhere: those of the pinned digests', () => {
    const records = (split: 'train' | 'test') => {
      const { [split]: file } = datasets.shapes32.files as Record<string, { sha256: string }>;
      const bytes = shapes32Records(split, 0, datasets.shapes32[split]);
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(file!.sha256);
      return decodeCifar([bytes], 1);
    };
    const contents = { classes: 10, train: records('train'), test: records('test') };
    expect(contentsDigest(contents)).toBe(datasets.shapes32.contents);
  });

  test('does not depend on how many images are made at once', () => {
    const all = shapes32Records('test', 0, 12);
    expect(shapes32Records('test', 7, 5)).toEqual(all.subarray(7 * 3073));
    expect(shapes32Records('train', 0, 12)).not.toEqual(all);
  });

  test('shows every class equally often', () => {
    const { labels } = decodeCifar([shapes32Records('train', 0, 40)], 1);
    expect([...labels]).toEqual(Array.from({ length: 40 }, (_, i) => i % 10));
  });
});
