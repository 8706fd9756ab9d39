/** What a model is: named parameters, their initial values, and logits as a function of both. */
import type * as tf from '@tensorflow/tfjs';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import type { ImageShape } from '../../experiment/datasets.js';
import { misfit, type ModelName } from '../../experiment/models.js';
import type { ParameterSpec, ParameterTensors, ParameterValues } from '../parameters.js';
import { cnnSmall } from './cnn-small.js';
import { convFc } from './convfc.js';
import { mlp } from './mlp.js';
import { vgg16 } from './vgg.js';

export interface Model {
  readonly name: ModelName;
  readonly parameters: readonly ParameterSpec[];
  /** The start of training, in the architecture's own way. */
  initial(generator: RandomGenerator): ParameterValues;
  /** Images [batch, height, width, channels] in [0,1] to logits [batch, classes]. */
  apply(parameters: ParameterTensors, images: tf.Tensor): tf.Tensor;
  /** The same as training sees it; absent where that is no different. */
  train?(parameters: ParameterTensors, images: tf.Tensor, training: Training): tf.Tensor;
}

/** What happens in training only. */
export interface Training {
  /** Dropout of activations; called once for each layer that has it, in order. */
  drop(x: tf.Tensor): tf.Tensor;
}

type Architecture = (shape: ImageShape, classes: number) => Model;

const architectures: Readonly<Record<ModelName, Architecture>> = {
  'cnn-small': cnnSmall,
  convfc: convFc,
  mlp,
  vgg16,
};

/** The model for images of this shape and this many classes; throws where they do not fit it. */
export function modelFor(name: ModelName, shape: ImageShape, classes: number): Model {
  const reason = misfit(name, shape);
  if (reason !== null) throw new Error(reason);
  return architectures[name](shape, classes);
}
