/** Random numbers for a batch of images: of one stream, or of a stream for each image. */
import * as tf from '@tensorflow/tfjs';
import { nativeOp, typeAttribute } from './native.js';
import { draw } from './per-image.js';
import { normalTensor, uniformTensor } from './uniform.js';

/** Draws of one call, told apart by `k`; shapes are [batch, …]. */
export interface Draws {
  /** Uniform in [0,1). */
  uniform(shape: readonly number[], k?: number): tf.Tensor;
  /** Standard normal. */
  normal(shape: readonly number[], k?: number): tf.Tensor;
}

/** Draws of one stream for the whole batch: an image's numbers depend on its place. The seed is [2], int32. */
export function batchDraws(seed: tf.Tensor): Draws {
  const at = (k: number): tf.Tensor => (k === 0 ? seed : draw(seed, k));
  return {
    uniform: (shape, k = 0) => uniformTensor(shape, at(k)),
    normal: (shape, k = 0) => normalTensor(shape, at(k)),
  };
}

/** Distance to the second uniform draw of which a normal one is made. */
const partner = 8;

/**
 * Draws of a stream for each image, whose numbers depend on nothing else in the batch. Seeds are [batch, 2], int32; of
 * seed (a, b), entry i of draw k is the upper 24 bits of m(m(a + γ i) xor (b + k)) / 2³², where m is the finaliser
 * of MurmurHash3 (Appleby 2011) and γ the golden ratio of SplitMix (Steele, Lea and Flood 2014), modulo 2³².
 * Normal ones are √(−2 ln(1 − u)) cos(2π v) (Box and Muller 1958).
 */
export function imageDraws(seeds: tf.Tensor): Draws {
  const word = (i: number): tf.Tensor => tf.slice(seeds, [0, i], [-1, 1]); // [batch, 1]
  const uniform = (shape: readonly number[], k = 0): tf.Tensor => {
    const entries = shape.slice(1).reduce((product, size) => product * size, 1);
    const counters = tf.mul(tf.range(0, entries, 1, 'int32'), int(golden));
    const first = mixed(tf.add(word(0), tf.reshape(counters, [1, entries])));
    const bits = mixed(bitwise('BitwiseXor', first, tf.add(word(1), int(k))));
    const upper = tf.cast(shifted(bits, 8), 'float32');
    return tf.reshape(tf.mul(upper, 2 ** -24), [...shape]);
  };
  const normal = (shape: readonly number[], k = 0): tf.Tensor => {
    const radius = tf.sqrt(tf.mul(tf.log(tf.sub(1, uniform(shape, k))), -2));
    return tf.mul(radius, tf.cos(tf.mul(uniform(shape, k + partner), 2 * Math.PI)));
  };
  return { uniform, normal };
}

const golden = 0x9e3779b9 | 0;

/** MurmurHash3's finaliser: every bit of the result depends on every bit of x, and no two x have one result. */
function mixed(x: tf.Tensor): tf.Tensor {
  const folded = (y: tf.Tensor, bits: number): tf.Tensor =>
    bitwise('BitwiseXor', y, shifted(y, bits));
  const once = tf.mul(folded(x, 16), int(0x85ebca6b | 0));
  return folded(tf.mul(folded(once, 13), int(0xc2b2ae35 | 0)), 16);
}

/** x / 2^bits, x without a sign. */
function shifted(x: tf.Tensor, bits: number): tf.Tensor {
  const rest = int(2 ** (32 - bits) - 1);
  return bitwise('BitwiseAnd', bitwise('RightShift', x, int(bits)), rest);
}

function bitwise(
  op: 'BitwiseAnd' | 'BitwiseXor' | 'RightShift',
  a: tf.Tensor,
  b: tf.Tensor,
): tf.Tensor {
  return nativeOp(op, [a, b], [typeAttribute('T', 'TF_INT32')]);
}

function int(value: number): tf.Tensor {
  return tf.scalar(value, 'int32');
}
