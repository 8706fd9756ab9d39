/** The processor's peak, measured: the fastest that a chain of large matrix products runs at. */
import { performance } from 'node:perf_hooks';
import * as tf from '@tensorflow/tfjs';
import { compile, type GraphHost } from '../../numerics/graph/compile.js';

/** Large enough that a product hides its memory, and that casts at both ends of the chain do not count. */
const side = 2048;
const products = 4;
const samples = 4;

/** Floating-point operations per second. */
export function measurePeak(host: GraphHost): number {
  const x = tf.randomNormal([side, side], 0, 1, 'float32', 1);
  const w = tf.randomNormal([side, side], 0, 1 / Math.sqrt(side), 'float32', 2);
  const chain = compile(
    host,
    (first, factor) => {
      let product = first;
      for (let i = 0; i < products; i++) product = tf.matMul(product, factor);
      return [product];
    },
    [x, w],
  );
  const times = Array.from({ length: samples + 1 }, () => {
    const begunMs = performance.now();
    tf.dispose(chain(x, w));
    return performance.now() - begunMs;
  });
  chain.dispose();
  tf.dispose([x, w]);
  // The first call also compiles the primitives.
  return (2 * side ** 3 * products * 1000) / Math.min(...times.slice(1));
}
