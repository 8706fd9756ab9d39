/** What a model is: named parameters, their initial values, and logits as a function of both. */
import type * as tf from '@tensorflow/tfjs';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import type { ImageShape } from '../../experiment/catalogue/datasets.js';
import { misfit, type ModelName } from '../../experiment/catalogue/models.js';
import type { ParameterSpec, ParameterTensors, ParameterValues } from './parameters.js';
import { cnnSmall } from './cnn-small.js';
import { convFc } from './convfc.js';
import { mlp } from './mlp.js';
import type { Observe } from './batch-norm.js';
import type { StatisticSpec } from './layer.js';
import { preResNet } from './preresnet.js';
import { vgg16, vgg16Bn } from './vgg.js';
import { wrn28x10 } from './wide-resnet.js';

export interface Model {
  readonly name: ModelName;
  readonly parameters: readonly ParameterSpec[];
  /** State beside the parameters: what evaluation takes for the mean and variance of a batch. */
  readonly statistics?: readonly StatisticSpec[];
  /** The start of training, in the architecture's own way. */
  initial(generator: RandomGenerator): ParameterValues;
  /**
   * Images [batch, height, width, channels] in [0,1] to logits [batch, classes], as in evaluation.
   * The weights are the parameters and then the statistics, if there are any.
   */
  apply(weights: ParameterTensors, images: tf.Tensor): tf.Tensor;
  /** The same as training sees it, from the parameters alone; absent where that is no different. */
  train?(parameters: ParameterTensors, images: tf.Tensor, training: Training): tf.Tensor;
}

/** What happens in training only. */
export interface Training {
  /** Dropout of activations; called once for each layer that has it, in order. */
  readonly drop: (x: tf.Tensor) => tf.Tensor;
  /** Told what each batch norm found, in the order of the model's statistics. */
  readonly observe: Observe;
}

/** What `apply` takes, in order. */
export function weightSpecs(model: Model): readonly ParameterSpec[] {
  return [...model.parameters, ...(model.statistics ?? [])];
}

type Architecture = (shape: ImageShape, classes: number) => Model;

const architectures: Readonly<Record<ModelName, Architecture>> = {
  'cnn-small': cnnSmall,
  convfc: convFc,
  mlp,
  vgg16,
  'vgg16-bn': vgg16Bn,
  preresnet26: preResNet(26),
  preresnet110: preResNet(110),
  preresnet164: preResNet(164),
  wrn28x10,
};

/** The model for images of this shape and this many classes; throws where they do not fit it. */
export function modelFor(name: ModelName, shape: ImageShape, classes: number): Model {
  const reason = misfit(name, shape);
  if (reason !== null) throw new Error(reason);
  return architectures[name](shape, classes);
}
