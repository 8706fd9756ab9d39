/** Noise of equal norm: sizes, range, and independence of place; broken variants fail the same checks. */
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import type { AttackNorm } from '../../../experiment/attacks/attack-fields.js';
import { normByName } from '../../../numerics/attacks/norms/norm-by-name.js';
import { noiseOfEqualNorm } from '../../../numerics/detection/equal-noise.js';
import { noisyImages } from '../../../numerics/detection/noise-control.js';
import { difference, expectNoLeaks, values } from '../engine.js';

expectNoLeaks();

const shape: [number, number, number, number] = [130, 8, 8, 1];
/** Half of the pixels black, as in MNIST: there half of the noise is cut off. */
const images = (): tf.Tensor => tf.relu(tf.randomUniform(shape, -0.5, 0.5, 'float32', 1));
const seeds = (): tf.Tensor2D => tf.randomUniform<tf.Rank.R2>([130, 2], 0, 1e6, 'int32', 2);
const attackedBy = (x: tf.Tensor): tf.Tensor =>
  tf.clipByValue(tf.add(x, tf.randomNormal(shape, 0, 0.1, 'float32', 3)), 0, 1);

type Noise = typeof noiseOfEqualNorm;
/** Scaled before it is cut off at the pixel range, so that it ends smaller. */
const clippedAfter: Noise = (x, attacked, _seeds, name) =>
  tf.tidy(() => {
    const norm = normByName(name);
    const n = tf.randomNormal(shape, 0, 1, 'float32', 4);
    const scale = tf.div(norm.length(tf.sub(attacked, x)), norm.length(n)).reshape([-1, 1, 1, 1]);
    return tf.clipByValue(tf.add(x, tf.mul(n, scale)), 0, 1);
  });

function hasEqualNorm(noise: Noise, name: AttackNorm): boolean {
  return tf.tidy(() => {
    const x = images();
    const attacked = attackedBy(x);
    const norm = normByName(name);
    const [found, wanted] = [noise(x, attacked, seeds(), name), attacked].map((one) =>
      values(norm.length(tf.sub(one, x))),
    );
    return found!.every((one, i) => Math.abs(one - wanted![i]!) < 1e-4 * wanted![i]!);
  });
}

describe('noise', () => {
  it.each(['linf', 'l2', 'l1'] as const)('has the norm of the attack under %s', (name) => {
    expect(hasEqualNorm(noiseOfEqualNorm, name)).toBe(true);
    if (name !== 'linf') expect(hasEqualNorm(clippedAfter, name)).toBe(false);
  });

  it('under linf changes every pixel that has room by epsilon', () => {
    const [moved, room] = tf.tidy(() => {
      const x = tf.fill(shape, 0.5);
      const noisy = noiseOfEqualNorm(x, tf.add(x, 0.125), seeds(), 'linf');
      return [values(tf.abs(tf.sub(noisy, x))), values(tf.sign(tf.sub(noisy, x)))];
    });
    expect(moved.every((one) => one === 0.125)).toBe(true);
    const balance = room.reduce((a, b) => a + b, 0) / room.length;
    // 8,320 signs: standard error .011.
    expect(Math.abs(balance)).toBeLessThan(0.04);
  });

  it('is 0 where nothing was changed', () => {
    const apart = tf.tidy(() => {
      const x = images();
      return difference(noiseOfEqualNorm(x, x, seeds(), 'l2'), x);
    });
    expect(apart).toBe(0);
  });

  it('of an image depends on the seed and its place alone, not on the batch', async () => {
    const [clean, attacked] = tf.tidy(() => {
      const x = images();
      return [x.dataSync<'float32'>().slice(), attackedBy(x).dataSync<'float32'>().slice()];
    });
    const of = (count: number, seed: number) =>
      noisyImages(
        {
          ...{ clean: clean.subarray(0, 64 * count), attacked: attacked.subarray(0, 64 * count) },
          shape: [8, 8, 1],
        },
        'l2',
        seed,
        () => undefined,
      );
    const [whole, part, other] = [await of(130, 1), await of(3, 1), await of(3, 2)];
    expect(part).toEqual(whole.slice(0, 3 * 64));
    expect(other).not.toEqual(part);
  });
});
