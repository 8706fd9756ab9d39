/** A linear network and images of few pixels, whose Hessians differ from image to image. */
import * as tf from '@tensorflow/tfjs';
import { makeResident, type ResidentData } from '../../../numerics/data/resident.js';
import type { Model } from '../../../numerics/models/model.js';
import { toTensors } from '../../../numerics/models/parameters.js';
import { normals, stream } from '../../../numerics/random.js';
import { linearModel } from '../engine.js';

export interface LinearProblem {
  readonly model: Model;
  readonly data: ResidentData;
  readonly parameters: tf.Tensor[];
  readonly dispose: () => void;
}

/** So many images of 2 x 2 in three classes. */
export function linearProblem(count: number): LinearProblem {
  const model = linearModel(4, 3);
  const flat = Float32Array.from(normals(stream(8, 'init', 0), 15));
  const pixels = Uint8Array.from({ length: 4 * count }, (_, i) => (i * 83 + 31 * (i % 5)) % 256);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 3);
  const data = makeResident({ count, shape: [2, 2, 1], pixels, labels }, 3);
  const values = { weight: flat.subarray(0, 12), bias: flat.subarray(12) };
  const parameters = toTensors(model.parameters, new Map(Object.entries(values)));
  const dispose = (): void => {
    data.dispose();
    tf.dispose(parameters);
  };
  return { model, data, parameters, dispose };
}
