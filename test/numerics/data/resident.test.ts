import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { batchAt, inOrder } from '../../../numerics/data/batches.js';
import { gathering, makeResident } from '../../../numerics/data/resident.js';
import { compile } from '../../../numerics/graph/compile.js';
import { expectNoLeaks, host, values } from '../engine.js';

expectNoLeaks();

describe('a resident data set', () => {
  const pixels = Uint8Array.from({ length: 3 * 4 }, (_, i) => (i * 37 + 251) % 256);
  const images = { count: 3, shape: [2, 2, 1] as const, pixels, labels: Uint8Array.of(2, 0, 1) };

  test('gives batches of scaled pixels and one-hot labels in any order, eagerly and in a graph', () => {
    const data = makeResident(images, 3);
    const f = gathering(0, 3, (x, y, w) => [x, y, w]);
    const batch = batchAt(Int32Array.of(2, 0), 0, 3);
    const args = [data.pixels, data.labels, batch.indices, batch.weights];
    const compiled = compile(host, f, args);
    const [eager, captured] = [tf.tidy(() => f(...args).map(values)), compiled(...args)];
    const scaled = (i: number) =>
      Array.from(pixels.subarray(4 * i, 4 * i + 4), (p) => Math.fround(p * Math.fround(1 / 255)));
    expect(captured.map(values)).toEqual(eager);
    expect(eager[0]).toEqual([...scaled(2), ...scaled(0), ...scaled(0)]);
    expect(eager[1]).toEqual([0, 1, 0, 0, 0, 1, 0, 0, 1]);
    expect(eager[2]).toEqual([1, 1, 0]);
    tf.dispose(captured);
    compiled.dispose();
    batch.dispose();
    data.dispose();
  });

  test.each<[string, Uint8Array]>([
    ['an array', new Uint8Array(pixels.length + 1)],
    ['a Buffer of Node’s', Buffer.alloc(pixels.length + 1)],
  ])('does not care how its bytes lie in memory: within %s', (_, shifted) => {
    shifted.set(pixels, 1);
    const data = makeResident({ ...images, pixels: shifted.subarray(1) }, 3);
    const first = batchAt(inOrder(3), 0, 1);
    const f = gathering(0, 3, (x) => [x]);
    const [found] = tf.tidy(() =>
      f(data.pixels, data.labels, first.indices, first.weights).map(values),
    );
    expect(found).toEqual(
      Array.from(pixels.subarray(0, 4), (p) => Math.fround(p * Math.fround(1 / 255))),
    );
    first.dispose();
    data.dispose();
  });

  test.each([1, 2, 3])('holds images of %d bytes each, whatever their number', (size) => {
    const odd = {
      ...{ count: 3, shape: [1, size, 1] as const, labels: images.labels },
      pixels: pixels.subarray(0, 3 * size),
    };
    const data = makeResident(odd, 3);
    expect(data.pixels.shape).toEqual([3, 1, size, 1]);
    const all = batchAt(inOrder(3), 0, 3);
    const f = gathering(0, 3, (x) => [x]);
    const [found] = tf.tidy(() =>
      f(data.pixels, data.labels, all.indices, all.weights).map(values),
    );
    const scaled = Array.from(odd.pixels, (p) => Math.fround(p * Math.fround(1 / 255)));
    expect(found).toEqual(scaled);
    all.dispose();
    data.dispose();
  });
});
