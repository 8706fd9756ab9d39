/** The control of a whole set of images: noise of the size of each image's own change. */
import * as tf from '@tensorflow/tfjs';
import type { AttackNorm } from '../../experiment/attacks/attack-fields.js';
import type { Pause } from '../evaluation/batched.js';
import { opSeed } from '../random.js';
import { pointsAtOnce } from './detector.js';
import { noiseOfEqualNorm } from './equal-noise.js';

/** Images before and after an attack, [n · h · w · c] in [0,1]. */
export interface ImagePair {
  readonly clean: Float32Array;
  readonly attacked: Float32Array;
  readonly shape: readonly [number, number, number];
}

/** The clean images with noise, [n · h · w · c]; the directions depend on the seed and on an image's place alone. */
export async function noisyImages(
  { clean, attacked, shape }: ImagePair,
  norm: AttackNorm,
  seed: number,
  pause: Pause,
): Promise<Float32Array> {
  const size = shape[0] * shape[1] * shape[2];
  const count = clean.length / size;
  const found = new Float32Array(clean.length);
  for (let from = 0; from < count; from += pointsAtOnce) {
    const end = Math.min(from + pointsAtOnce, count);
    const noisy = tf.tidy(() => {
      const batch = (pixels: Float32Array): tf.Tensor =>
        tf.tensor(pixels.subarray(from * size, end * size), [end - from, ...shape]);
      const seeds = Array.from({ length: end - from }, (_, i) => [
        ...opSeed(seed, 'detection-noise', from + i),
      ]);
      const drawn = tf.tensor2d(seeds, [end - from, 2], 'int32');
      return noiseOfEqualNorm(batch(clean), batch(attacked), drawn, norm);
    });
    found.set(noisy.dataSync<'float32'>(), from * size);
    noisy.dispose();
    await pause();
  }
  return found;
}
