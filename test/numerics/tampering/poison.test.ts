// Poisoned and bonafide data by their definitions: which images, which pixels, which labels, from the named seeds alone.
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { triggeredImages } from '../../../numerics/tampering/backdoor-success.js';
import { bonafideIndices, cutIndices } from '../../../numerics/data/bonafide.js';
import type { LabelledImages } from '../../../experiment/records/labelled-images.js';
import { poisonedIndices, poisonImages } from '../../../numerics/tampering/poison.js';
import { stepSchedule } from '../../../numerics/optimise/step-inputs.js';

const classes = 10;

/** Dark images: pixel p of image i is (i + p) mod 100. */
function darkImages(labels: readonly number[], side = 28, channels = 1): LabelledImages {
  const size = side * side * channels;
  const pixels = Uint8Array.from({ length: labels.length * size }, (_, k) => {
    return (Math.floor(k / size) + (k % size)) % 100;
  });
  return {
    count: labels.length,
    shape: [side, side, channels],
    pixels,
    labels: Uint8Array.from(labels),
  };
}

/** [row, column] of every pixel of image i that is white in all channels. */
function white({ pixels, shape: [height, width, channels] }: LabelledImages, i: number) {
  const places = Array.from({ length: height * width }, (_, p) => p);
  return places
    .filter((p) => {
      const at = (i * height * width + p) * channels;
      return pixels.subarray(at, at + channels).every((value) => value === 255);
    })
    .map((p) => [Math.floor(p / width), p % width]);
}

const anyLabels = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 200 });
const anySeed = fc.integer({ min: 0, max: 1000 });
const anyFraction = fc.double({ min: 0, max: 1, noNaN: true });
const anyTarget = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constant('all' as const));

describe('a poisoned data set', () => {
  test('replaces exactly round(p · n) of every class but the target, by seed alone', () => {
    fc.assert(
      fc.property(anyLabels, anySeed, anyFraction, anyTarget, (list, seed, fraction, target) => {
        const poison = { trigger: 'square', target, fraction, seed } as const;
        const labels = Uint8Array.from(list);
        const indices = poisonedIndices(labels, classes, poison);
        expect([...indices]).toEqual([...new Set(indices)].sort((a, b) => a - b));
        for (let label = 0; label < classes; label++) {
          const there = list.filter((other) => other === label).length;
          const chosen = [...indices].filter((i) => labels[i] === label).length;
          expect(chosen).toBe(label === target ? 0 : Math.round(fraction * there));
        }
        expect(poisonedIndices(labels, classes, poison)).toEqual(indices);
      }),
    );
  });

  test('has the trigger and the target on these images, all else as it was', () => {
    const clean = darkImages([0, 1, 2, 9, 1, 3]);
    const before = Uint8Array.from(clean.pixels);
    const indices = Int32Array.of(2, 3);
    const single = poisonImages(clean, indices, { trigger: 'square', target: 1 }, classes);
    const all = poisonImages(clean, indices, { trigger: 'square', target: 'all' }, classes);
    expect([...single.labels]).toEqual([0, 1, 1, 1, 1, 3]);
    expect([...all.labels]).toEqual([0, 1, 3, 0, 1, 3]);
    expect(clean.pixels).toEqual(before);
    const changed = [...single.pixels.keys()].filter((p) => single.pixels[p] !== clean.pixels[p]);
    expect(new Set(changed.map((p) => Math.floor(p / 784)))).toEqual(new Set([2, 3]));
    expect(changed).toHaveLength(18);
  });

  test('is a copy, also of bytes that were read from a file', () => {
    const data = darkImages([0, 2]);
    const read = { ...data, pixels: Buffer.from(data.pixels), labels: Buffer.from(data.labels) };
    poisonImages(read, Int32Array.of(0, 1), { trigger: 'square', target: 1 }, classes);
    expect([...read.labels]).toEqual([0, 2]);
    expect(white(read, 0)).toEqual([]);
  });

  test.each([
    [28, 1, 24],
    [32, 3, 28],
  ])('of images of %i pixels with %i channels has its square at %i', (side, channels, from) => {
    const data = darkImages([0, 0], side, channels);
    const to = poisonImages(data, Int32Array.of(1), { trigger: 'square', target: 1 }, classes);
    const expected = [0, 1, 2].flatMap((r) => [0, 1, 2].map((c) => [from + r, from + c]));
    expect(white(to, 1)).toEqual(expected);
    expect(white(to, 0)).toEqual([]);
    const art = poisonImages(data, Int32Array.of(1), { trigger: 'pattern', target: 1 }, classes);
    const [a, b, c] = [from, from + 1, from + 2];
    expect(white(art, 1)).toEqual([
      [a, c],
      [b, b],
      [c, a],
      [c, c],
    ]);
  });

  test('is the same bytes for whoever names the same seed, and these bytes for good', () => {
    const data = darkImages(Array.from({ length: 500 }, (_, i) => (i * i) % classes));
    const digest = (seed: number): string => {
      const poison = { trigger: 'square', target: 1, fraction: 0.1, seed } as const;
      const indices = poisonedIndices(data.labels, classes, poison);
      const { pixels, labels } = poisonImages(data, indices, poison, classes);
      return createHash('sha256').update(pixels).update(labels).digest('hex');
    };
    expect(digest(7)).toBe(digest(7));
    expect(digest(8)).not.toBe(digest(7));
    expect(digest(7)).toBe('5058c5cc5db863ee55b5630530dbd04bf9b46775ca2944dbbf35af4b0775a55a');
  });
});

describe('what success is measured on', () => {
  const data = darkImages([0, 1, 9, 1, 4]);

  test('is every image of another class, triggered and labelled with the target', () => {
    const one = triggeredImages(data, classes, { trigger: 'square', target: 1 });
    expect([...one.labels]).toEqual([1, 1, 1]);
    expect([0, 1, 2].map((i) => white(one, i).length)).toEqual([9, 9, 9]);
    const all = triggeredImages(data, classes, { trigger: 'square', target: 'all' });
    expect([...all.labels]).toEqual([1, 2, 0, 2, 5]);
  });

  test('as published has the images of the target class too, without the trigger', () => {
    const compat = { trigger: 'square', target: 1, compat: 'published' } as const;
    const { labels, ...images } = triggeredImages(data, classes, compat);
    expect([...labels]).toEqual([1, 1, 1, 1, 1]);
    const triggered = [0, 1, 2, 3, 4].map((i) => white({ ...images, labels }, i).length);
    expect(triggered).toEqual([9, 0, 9, 0, 9]);
  });
});

describe('bonafide data', () => {
  const anyCut = fc
    .integer({ min: 2, max: 400 })
    .chain((count) =>
      fc.tuple(fc.constant(count), fc.integer({ min: 1, max: count - 1 }), anySeed),
    );

  test('are one side of a cut of which every image is on one side', () => {
    fc.assert(
      fc.property(anyCut, ([count, pool, seed]) => {
        const cut = cutIndices({ seed, pool }, count);
        expect(cut.pool).toHaveLength(pool);
        const both = [...cut.pool, ...cut.evaluation].sort((a, b) => a - b);
        expect(both).toEqual([...Array(count).keys()]);
        expect(cutIndices({ seed, pool }, count)).toEqual(cut);
      }),
    );
  });

  test('are drawn without replacement, and none that is held out is trained on', () => {
    fc.assert(
      fc.property(anyCut, fc.double({ min: 0, max: 0.9, noNaN: true }), (cut, validation) => {
        const [count, pool, seed] = cut;
        const images = Math.ceil(pool / 2);
        const found = bonafideIndices({ seed, pool, images, validation }, count);
        expect(found.validation).toHaveLength(Math.round(validation * images));
        const all = [...found.training, ...found.validation];
        expect(new Set(all).size).toBe(images);
        const allowed = new Set(cutIndices({ seed, pool }, count).pool);
        expect(all.every((i) => allowed.has(i))).toBe(true);
      }),
    );
  });
});

describe('a budget in steps', () => {
  const batches = (count: number, batchSize: number, steps: number) => {
    const recipe = { steps, batchSize, learningRate: 0.1, momentum: 0.9, weightDecay: 0 };
    const planned = stepSchedule({ recipe, data: { count }, seed: 1, perStep: () => [] }, true);
    return Array.from({ length: steps }, (_, i) => planned(i));
  };

  test('has full batches whatever the number of images, in which each comes round equally often', () => {
    const counts = fc.integer({ min: 1, max: 60 });
    fc.assert(
      fc.property(counts, counts, fc.integer({ min: 1, max: 30 }), (count, batchSize, steps) => {
        const seen = new Array<number>(count).fill(0);
        for (const { size, feeds } of batches(count, batchSize, steps)) {
          const [indices, weights] = feeds;
          expect(size).toBe(batchSize);
          expect(Array.from(weights!.values)).toEqual(new Array(batchSize).fill(1));
          for (const i of Array.from(indices!.values)) seen[i]! += 1;
        }
        expect(Math.max(...seen) - Math.min(...seen)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('gives a step that does not depend on the steps before it', () => {
    const recipe = { steps: 9, batchSize: 7, learningRate: 0.1, momentum: 0.9, weightDecay: 0 };
    const plan = { recipe, data: { count: 5 }, seed: 1, perStep: () => [] };
    const inOrder = batches(5, 7, 9);
    for (const i of [8, 3, 0, 5]) expect(stepSchedule(plan, true)(i)).toEqual(inOrder[i]);
  });
});
