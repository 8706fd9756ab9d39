/** Points and references of the detection tests. */
import * as tf from '@tensorflow/tfjs';
import type { Detector } from '../../../numerics/detection/detector.js';
import { normals, stream } from '../../../numerics/random.js';

/** Standard normal [rows, columns]. */
export function normalMatrix(seed: number, rows: number, columns: number): tf.Tensor2D {
  const drawn = normals(stream(seed, 'bootstrap', 0), rows * columns);
  return tf.tensor2d(Float32Array.from(drawn), [rows, columns]);
}

/** Random orthonormal columns [d, r], by Gram and Schmidt in float64, twice. */
export function orthonormal(seed: number, d: number, r: number): tf.Tensor2D {
  const columns: Float64Array[] = [];
  for (let j = 0; j < r; j++) {
    const v = normals(stream(seed, 'bootstrap', j + 1), d);
    for (const u of [...columns, ...columns]) {
      const along = dot(u, v);
      v.forEach((value, i) => (v[i] = value - along * u[i]!));
    }
    const length = Math.sqrt(dot(v, v));
    columns.push(v.map((value) => value / length));
  }
  return tf.tidy(() =>
    tf.transpose(tf.tensor2d(Float32Array.from(columns.flatMap((c) => [...c])), [r, d])),
  );
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

/** Distances of the points by a detector that is fitted to the references, and freed. */
export function distances(
  build: (references: tf.Tensor2D) => Detector,
  references: tf.Tensor2D,
  points: tf.Tensor2D,
): number[] {
  const detector = build(references);
  const found = tf.tidy(() => Array.from(detector.distances(points).dataSync()));
  detector.dispose();
  return found;
}

/** Rows of a matrix as arrays of float64. */
export function rowsOf(matrix: tf.Tensor): number[][] {
  return matrix.arraySync() as number[][];
}

export function length(v: readonly number[]): number {
  return Math.sqrt(v.reduce((sum, value) => sum + value ** 2, 0));
}
