import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { l1 } from '../../../numerics/attacks/norms/l1.js';
import { l2 } from '../../../numerics/attacks/norms/l2.js';
import { linf } from '../../../numerics/attacks/norms/linf.js';
import type { Norm } from '../../../numerics/attacks/norms/norm.js';
import { imageDraws } from '../../../numerics/graph/draws.js';
import { compile } from '../../../numerics/graph/compile.js';
import { normals, stream } from '../../../numerics/random.js';
import { expectNoLeaks, host, values } from '../engine.js';

expectNoLeaks();

const clip = (x: number) => Math.min(Math.max(x, 0), 1);

/** The nearest point of the ball cut with the box, by bisection for the ball's multiplier in float64. */
function nearest(norm: 'l2' | 'l1', z: number[], c: number[], epsilon: number): number[] {
  const point = (m: number) =>
    z.map((zi, i) => {
      const d = zi - c[i]!;
      return clip(
        c[i]! + (norm === 'l2' ? d / (1 + m) : Math.sign(d) * Math.max(Math.abs(d) - m, 0)),
      );
    });
  const length = (x: number[]) => {
    const d = x.map((xi, i) => xi - c[i]!);
    return norm === 'l2' ? Math.hypot(...d) : d.reduce((sum, v) => sum + Math.abs(v), 0);
  };
  if (length(point(0)) <= epsilon) return point(0);
  let [low, high] = [0, 1e6];
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (length(point(middle)) > epsilon) low = middle;
    else high = middle;
  }
  return point(high);
}

/** Centres with pixels at and near the bounds, and changes of every size. */
function cases(count: number, pixels: number, spreadOf: number) {
  const generator = stream(3, 'shuffle', pixels);
  const centres = Array.from({ length: count }, () =>
    Array.from(normals(generator, pixels), (v) => clip(0.5 + v)),
  );
  const images = centres.map((c) => {
    const noise = normals(generator, pixels);
    return c.map((ci, i) => ci + spreadOf * noise[i]!);
  });
  return { centres, images };
}

function projected(norm: Norm, images: number[][], centres: number[][], epsilon: number) {
  const shape: [number, number, number, number] = [images.length, images[0]!.length, 1, 1];
  return tf.tidy(() => {
    const result = norm.project(
      tf.tensor4d(images.flat(), shape),
      tf.tensor4d(centres.flat(), shape),
      tf.scalar(epsilon),
    );
    return tf.reshape(result, [images.length, -1]).arraySync() as number[][];
  });
}

describe.each([
  ['l2', l2, [0.01, 0.3, 1, 3]],
  ['l1', l1(), [0.01, 0.5, 2, 8]],
] as const)('the projection onto the %s ball cut with [0,1]', (name, norm, radii) => {
  test.each([2, 3, 16, 200])('of %i pixels is the nearest point, found another way', (pixels) => {
    for (const spreadOf of [0.02, 0.5, 5]) {
      const { centres, images } = cases(20, pixels, spreadOf);
      for (const epsilon of radii) {
        projected(norm, images, centres, epsilon).forEach((found, i) => {
          const expected = nearest(name, images[i]!, centres[i]!, epsilon);
          found.forEach((value, p) => expect(Math.abs(value - expected[p]!)).toBeLessThan(2e-5));
        });
      }
    }
  });

  test('leaves a point of the ball where it is', () => {
    const inside = [[0.5, 0.31, 0.7]];
    expect(projected(norm, inside, [[0.5, 0.3, 0.7]], 0.1)[0]).toEqual([
      ...Float32Array.from(inside[0]!),
    ]);
  });
});

describe('closed forms', () => {
  test('l2 without the box in the way divides by the length, l1 takes the same from every pixel', () => {
    const centre = [[0.5, 0.5, 0.5]];
    const [x] = projected(l2, [[0.8, 0.9, 0.5]], centre, 0.25);
    [0.65, 0.7, 0.5].forEach((value, i) => expect(x![i]).toBeCloseTo(value, 6));
    const [y] = projected(l1(), [[0.8, 0.9, 0.55]], centre, 0.3);
    [0.6, 0.7, 0.5].forEach((value, i) => expect(y![i]).toBeCloseTo(value, 6));
  });

  test('the directions are those of unit length along which a linear loss rises fastest', () => {
    tf.tidy(() => {
      const gradient = tf.tensor4d([3, -4, 0, 1e-30, 0, -2e-30], [2, 3, 1, 1]);
      const images = tf.fill([2, 3, 1, 1], 0.5);
      expect(values(linf.direction(gradient, images))).toEqual([1, -1, 0, 1, 0, -1]);
      const steepest = values(l2.direction(gradient, images));
      [0.6, -0.8, 0, 1 / Math.sqrt(5), 0, -2 / Math.sqrt(5)].forEach((value, i) =>
        expect(steepest[i]).toBeCloseTo(value, 6),
      );
      expect(values(l1().direction(gradient, images))).toEqual([0, -1, 0, 0, 0, -1]);
      expect(values(l1(2).direction(gradient, images))).toEqual([0.5, -0.5, 0, 0.5, 0, -0.5]);
    });
  });

  test('l1 leaves out pixels that are at the bound to which they would go', () => {
    tf.tidy(() => {
      const gradient = tf.tensor4d([3, -4, 1], [1, 3, 1, 1]);
      const images = tf.tensor4d([1, 0, 0.2], [1, 3, 1, 1]);
      expect(values(l1().direction(gradient, images))).toEqual([0, 0, 1]);
    });
  });

  test('no gradient is no direction', () => {
    tf.tidy(() => {
      const none = tf.zeros([1, 3, 1, 1]);
      for (const norm of [linf, l2, l1()]) {
        expect(values(norm.direction(none, none)).map(Math.abs)).toEqual([0, 0, 0]);
      }
    });
  });
});

describe.each([
  ['linf', linf, 0.1],
  ['l2', l2, 1.5],
  ['l1', l1(), 12],
] as const)('random starts in the %s ball', (_name, norm, epsilon) => {
  test('are in ball and box, fill the ball, and are decided by their seed, captured or not', () => {
    const centre = tf.fill([4, 28, 28, 1], 0.5);
    const seeds = [2, 2, 3].map((b) =>
      tf.tensor2d(
        [0, 1, 2, 3].map((image) => [image, b]),
        [4, 2],
        'int32',
      ),
    );
    const start = compile(
      host,
      (images, seed) => [norm.randomStart(images, tf.scalar(epsilon), imageDraws(seed))],
      [centre, seeds[0]!],
    );
    const results = seeds.map((seed) => start(centre, seed)[0]!);
    const eager = tf.tidy(() =>
      norm.randomStart(centre, tf.scalar(epsilon), imageDraws(seeds[0]!)),
    );
    expect(values(results[1]!)).toEqual(values(results[0]!));
    expect(values(results[2]!)).not.toEqual(values(results[0]!));
    values(eager).forEach((value, i) => {
      expect(value).toBeCloseTo(values(results[0]!)[i]!, 5);
    });
    const lengths = tf.tidy(() => values(norm.length(tf.sub(results[0]!, centre))));
    for (const length of lengths) {
      expect(length).toBeLessThanOrEqual(epsilon + norm.slack(epsilon));
      expect(length).toBeGreaterThan(0.95 * epsilon); // of 784 dimensions nearly all is near the surface
    }
    tf.dispose([centre, ...seeds, ...results, eager]);
    start.dispose();
  });
});
