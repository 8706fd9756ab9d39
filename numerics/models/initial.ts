/** How parameters begin: every rule draws from the one generator of its endpoint, in the order of the parameters. */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { sizeOf, type ParameterSpec } from './parameters.js';
import { normals } from '../random.js';

export type Initial = (generator: RandomGenerator, spec: ParameterSpec) => Float32Array;

export const zeros: Initial = (_generator, spec) => new Float32Array(sizeOf(spec));

export const ones: Initial = (_generator, spec) => new Float32Array(sizeOf(spec)).fill(1);

/**
 * N(0, 2 / fan-in) (He et al. 2015, eq. 10). Fan-in is the product of all sizes but the last:
 * k k in for convolutions, in for dense layers.
 */
export const heNormal: Initial = (generator, spec) => {
  const fanIn = sizeOf(spec) / spec.shape.at(-1)!;
  return normal(generator, spec, Math.sqrt(2 / fanIn));
};

/** N(0, 2 / (k k out)) for convolutions [k, k, in, out], as Garipov et al. 2018 do (models/vgg.py). */
export const fanOutNormal: Initial = (generator, spec) => {
  const fanOut = sizeOf(spec) / spec.shape.at(-2)!;
  return normal(generator, spec, Math.sqrt(2 / fanOut));
};

/** Uniform in ±1 / sqrt(fan-in), weights and biases alike: the default of PyTorch's layers. */
export function fanInUniform(fanIn: number): Initial {
  const bound = 1 / Math.sqrt(fanIn);
  return (generator, spec) =>
    Float32Array.from({ length: sizeOf(spec) }, () => bound * (2 * uniformFloat64(generator) - 1));
}

function normal(generator: RandomGenerator, spec: ParameterSpec, deviation: number): Float32Array {
  return Float32Array.from(normals(generator, sizeOf(spec)), (z) => z * deviation);
}
