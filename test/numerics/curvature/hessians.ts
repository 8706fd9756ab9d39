/** Vectors, norms and products that the tests of Hessians share. */
import type * as tf from '@tensorflow/tfjs';
import type { LabelledImages } from '../../../experiment/records/labelled-images.js';
import {
  type ParameterHessian,
  type Reduction,
} from '../../../numerics/curvature/operators/parameter-hessian.js';
import { normals, stream } from '../../../numerics/random.js';
import type { GraphHost } from '../../../numerics/graph/compile.js';
import { difference, host } from '../engine.js';

export const vector = (size: number, index: number) =>
  normals(stream(4, 'lanczos-start', index), size);
export const pause = (): void => {};

/** Largest difference, relative to the largest entry. */
export function relative(a: Float64Array, b: Float64Array): number {
  return difference(a, b) / b.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

export async function productOf(
  hessian: ParameterHessian,
  weights: tf.Tensor[],
  reduction: Reduction,
  v: Float64Array,
  onBatch: () => void = pause,
): Promise<Float64Array> {
  const operator = hessian.at(weights, reduction, onBatch);
  try {
    return await operator.matvec(v);
  } finally {
    operator.dispose();
  }
}

/** The host, and for each run the shape of its last input: the direction of a product, the batch of a pass. */
export function watched(): { readonly host: GraphHost; readonly runs: string[] } {
  const runs: string[] = [];
  const load: GraphHost['load'] = (nodes) => {
    const session = host.load(nodes);
    return {
      run: (signature, inputs) => {
        runs.push(inputs.at(-1)!.shape.join());
        return session.run(signature, inputs);
      },
      dispose: () => session.dispose(),
    };
  };
  return { host: { load }, runs };
}

export function softmax(z: readonly number[]): number[] {
  const powers = z.map((value) => Math.exp(value));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

/** Five of 2 x 2 pixels, in 3 classes. */
export const images: LabelledImages = {
  count: 5,
  shape: [2, 2, 1],
  pixels: Uint8Array.from([
    10, 20, 30, 40, 255, 255, 0, 0, 7, 200, 90, 1, 0, 0, 0, 0, 3, 60, 5, 80,
  ]),
  labels: Uint8Array.of(0, 1, 2, 2, 0),
};
