/** Random noise of the same size as an attack's perturbation: the control without which a detector may detect noise. */
import * as tf from '@tensorflow/tfjs';
import type { AttackNorm } from '../../experiment/attacks/attack-fields.js';
import { normByName } from '../attacks/norms/norm-by-name.js';
import { imageDraws } from '../graph/draws.js';
import { select, spread } from '../graph/per-image.js';

/** Halvings in the search for the size. */
const halvings = 40;
/** Largest size tried, in units of the one that noise without the pixel range would need. */
const mostScale = 1000;

/**
 * clip(x + s n, 0, 1) for images x [batch, h, w, c] and random directions n, signs under linf and normal numbers under l2 and
 * l1, with the s that gives the change of each image the same norm as that of `attacked`, or as much as the pixel range
 * lets it have. The seeds [batch, 2] (int32) alone decide the directions.
 */
export function noiseOfEqualNorm(
  images: tf.Tensor,
  attacked: tf.Tensor,
  seeds: tf.Tensor,
  normName: AttackNorm,
): tf.Tensor {
  return tf.tidy(() => {
    const norm = normByName(normName);
    const normal = imageDraws(seeds).normal(images.shape);
    const direction = normName === 'linf' ? tf.sign(normal) : normal;
    const wanted = norm.length(tf.sub(attacked, images));
    const noisy = (scale: tf.Tensor): tf.Tensor =>
      tf.clipByValue(tf.add(images, tf.mul(direction, spread(scale, images))), 0, 1);
    // Under linf the size is known: every pixel that has room changes by it.
    if (normName === 'linf') return noisy(wanted);
    let low = tf.zerosLike(wanted);
    let high = tf.mul(tf.div(wanted, norm.length(direction)), mostScale);
    for (let i = 0; i < halvings; i++) {
      const middle = tf.div(tf.add(low, high), 2);
      const short = tf.less(norm.length(tf.sub(noisy(middle), images)), wanted);
      [low, high] = [select(short, middle, low), select(short, high, middle)];
    }
    return noisy(low);
  });
}
