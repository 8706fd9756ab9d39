/** Small random implicit layers, as numbers and as tensors. */
import * as tf from '@tensorflow/tfjs';
import { Matrix } from 'ml-matrix';
import {
  couplingMatrix,
  type CouplingParameters,
} from '../../../numerics/implicit/parametrisation.js';
import { normals, stream } from '../../../numerics/random.js';

export interface SmallNet {
  readonly n: number;
  /** Rows of M. */
  readonly coupling: readonly (readonly number[])[];
  readonly scaling: readonly number[];
  readonly damping: readonly number[];
  readonly offset: readonly number[];
}

/** A net of `n` units, with couplings of standard deviation 1. */
export function randomNet(n: number, seed: number): SmallNet {
  const draws = normals(stream(seed, 'init', 0), n * n + 3 * n);
  const part = (from: number, count: number) => [...draws.slice(from, from + count)];
  return {
    n,
    coupling: Array.from({ length: n }, (_, i) => part(i * n, n)),
    scaling: part(n * n, n).map((z) => 0.3 * z),
    damping: part(n * n + n, n).map((z) => 0.5 * z),
    offset: part(n * n + 2 * n, n),
  };
}

/** The free parameters as tensors. */
export function freeParameters({ coupling, scaling, damping }: SmallNet): CouplingParameters {
  return {
    coupling: tf.tensor2d(coupling.map((row) => [...row])),
    ...{ scaling: tf.tensor1d([...scaling]), damping: tf.tensor1d([...damping]) },
  };
}

/** A, entry by entry from its definition, in float64. */
export function couplingOf({ n, coupling, scaling, damping }: SmallNet, m: number): Matrix {
  const a = Matrix.zeros(n, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      a.set(i, j, (coupling[i]![j]! * Math.exp(scaling[j]!)) / Math.exp(scaling[i]!));
    }
    const sum = coupling[i]!.reduce((total, value) => total + Math.abs(value), 0);
    a.set(i, i, a.get(i, i) + m - sum - damping[i]! ** 2);
  }
  return a;
}

/** A of a net by the code under test. */
export function codedCoupling(net: SmallNet, m: number): tf.Tensor {
  return tf.tidy(() => couplingMatrix(freeParameters(net), m));
}
