import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { Augmentation, TrainingRecipe } from '../../../experiment/records/runs.js';
import { augment } from '../../../numerics/data/augmentation.js';
import { makeResident } from '../../../numerics/data/resident.js';
import { compile } from '../../../numerics/graph/compile.js';
import { modelFor } from '../../../numerics/models/registry.js';
import { toTensors } from '../../../numerics/models/parameters.js';
import { stream } from '../../../numerics/random.js';
import { trainFrom } from '../../../numerics/training/endpoint.js';
import { expectNoLeaks, host, syntheticDigits, values } from '../engine.js';

expectNoLeaks();

const [height, width] = [5, 4];
const pixel = (row: number, column: number) => 1 + row * width + column;

/** Every image is the same: pixels 1, 2, … and their negatives in a second channel. */
function batchOf(count: number): tf.Tensor {
  const one = Array.from({ length: height * width }, (_, p) => [p + 1, -p - 1]).flat();
  return tf.tensor4d(Array(count).fill(one).flat() as number[], [count, height, width, 2]);
}

/** Which flip and shift made this image, found by trying all of them; null if none did. */
function explanation(image: readonly number[], padding: number): string | null {
  for (const flip of [false, true]) {
    for (let dy = -padding; dy <= padding; dy++) {
      for (let dx = -padding; dx <= padding; dx++) {
        const made = Array.from({ length: height * width }, (_, p) => {
          const row = Math.floor(p / width) + dy;
          const column = flip ? width - 1 - (p % width) + dx : (p % width) + dx;
          const inside = row >= 0 && row < height && column >= 0 && column < width;
          const value = inside ? pixel(row, column) : 0;
          return [value, -value];
        }).flat();
        if (made.every((value, k) => value - image[k]! === 0)) {
          return `${flip} ${dy} ${dx}`;
        }
      }
    }
  }
  return null;
}

function explained(
  count: number,
  augmentation: Augmentation,
  seed: readonly [number, number],
): (string | null)[] {
  const size = height * width * 2;
  const all = tf.tidy(() =>
    values(augment(batchOf(count), augmentation, tf.tensor1d([...seed], 'int32'))),
  );
  return Array.from({ length: count }, (_, i) =>
    explanation(all.slice(i * size, (i + 1) * size), augmentation.padding),
  );
}

describe('augmentation', () => {
  test('makes every flip and every shift equally often, and nothing else', () => {
    const found = explained(3600, { flip: true, padding: 1 }, [1, 2]);
    expect(found).not.toContain(null);
    const counts = new Map<string, number>();
    for (const kind of found) counts.set(kind!, (counts.get(kind!) ?? 0) + 1);
    expect(counts.size).toBe(18);
    // Four standard errors of a count with mean 200.
    for (const count of counts.values()) expect(Math.abs(count - 200)).toBeLessThan(56);
  });

  test('without flip and padding leaves the images as they are', () => {
    expect(new Set(explained(20, { flip: false, padding: 0 }, [1, 2]))).toEqual(
      new Set(['false 0 0']),
    );
    expect(
      explained(50, { flip: false, padding: 2 }, [1, 2]).every((k) => k!.startsWith('false')),
    ).toBe(true);
  });

  test('is decided by the seed, and the same in a graph', () => {
    const both = { flip: true, padding: 2 };
    expect(explained(20, both, [3, 4])).toEqual(explained(20, both, [3, 4]));
    expect(explained(20, both, [3, 4])).not.toEqual(explained(20, both, [3, 5]));
    const [images, seed] = [batchOf(6), tf.tensor1d([3, 4], 'int32')];
    const f = (x: tf.Tensor, s: tf.Tensor) => [augment(x, both, s)];
    const compiled = compile(host, (...a) => f(a[0]!, a[1]!), [images, seed]);
    const [captured] = compiled(images, seed);
    expect(values(captured!)).toEqual(tf.tidy(() => values(f(images, seed)[0]!)));
    compiled.dispose();
    tf.dispose([captured!, images, seed]);
  });
});

test('training with augmentation and dropout gives the same bytes twice, and others than without', async () => {
  const model = modelFor('cnn-small', [28, 28, 1], 10);
  const recipe: TrainingRecipe = {
    ...{ epochs: 1, batchSize: 16, learningRate: 0.05, momentum: 0.9, weightDecay: 5e-4 },
  };
  const train = async (change: Pick<TrainingRecipe, 'augmentation' | 'dropout'>, seed = 1) => {
    const data = makeResident(syntheticDigits(60), 10);
    const weights = await trainFrom(
      host,
      toTensors(model.parameters, model.initial(stream(1, 'init', 0))),
      { model, recipe: { ...recipe, ...change }, adversarial: null, data, seed, onStep: () => {} },
    );
    const found = values(weights[0]!);
    data.dispose();
    tf.dispose(weights);
    return found;
  };
  const augmentation = { flip: true, padding: 2 };
  const first = await train({ augmentation, dropout: 0.1 });
  expect(await train({ augmentation, dropout: 0.1 })).toEqual(first);
  expect(await train({})).not.toEqual(first);
  expect(await train({ augmentation }, 2)).not.toEqual(await train({ augmentation }, 1));
});
