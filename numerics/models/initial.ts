/** Initial values of parameters, drawn from the one generator of their endpoint in the order of the parameters. */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import type { ParameterRecord } from '../../experiment/catalogue/models/weights.js';
import { normals } from '../random.js';
import { parameterSize } from './parameters.js';

/** Draws the initial values of one parameter, row-major; constants draw nothing. */
export function drawInitial(generator: RandomGenerator, spec: ParameterRecord): Float32Array {
  const size = parameterSize(spec);
  const { initial } = spec;
  switch (initial.kind) {
    case 'constant':
      return new Float32Array(size).fill(initial.value);
    case 'normal':
      return Float32Array.from(normals(generator, size), (z) => z * initial.deviation);
    case 'uniform':
      return Float32Array.from(
        { length: size },
        () => initial.bound * (2 * uniformFloat64(generator) - 1),
      );
    default:
      throw new Error(`unknown initial values ${JSON.stringify(initial satisfies never)}`);
  }
}
