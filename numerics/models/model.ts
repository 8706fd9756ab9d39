/** What a model is: named parameters, their initial values, and logits as a function of both. */
import type * as tf from '@tensorflow/tfjs';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import type { ModelName } from '../../experiment/config.js';
import { normals } from '../random.js';
import { sizeOf, type ParameterSpec, type ParameterTensors } from '../parameters.js';
import { cnnSmall } from './cnn-small.js';

export interface Model {
  readonly name: ModelName;
  readonly parameters: readonly ParameterSpec[];
  /** Images [batch, height, width, channels] in [0,1] to logits [batch, classes]. */
  apply(parameters: ParameterTensors, images: tf.Tensor): tf.Tensor;
}

const models: Readonly<Record<ModelName, Model>> = { 'cnn-small': cnnSmall };

export function modelNamed(name: ModelName): Model {
  return models[name];
}

/**
 * He-normal start: weights N(0, 2 / fan-in), biases 0 (He et al. 2015, eq. 10).
 * Fan-in is the product of all sizes but the last: k k in for convolutions, in for dense layers.
 */
export function heNormal(model: Model, generator: RandomGenerator): Map<string, Float32Array> {
  return new Map(
    model.parameters.map((spec) => {
      if (spec.shape.length === 1) return [spec.name, new Float32Array(sizeOf(spec))];
      const fanIn = sizeOf(spec) / spec.shape.at(-1)!;
      const scale = Math.sqrt(2 / fanIn);
      return [spec.name, Float32Array.from(normals(generator, sizeOf(spec)), (z) => z * scale)];
    }),
  );
}
