/** What a model is: named parameters, their initial values, and logits as a function of both. */
import type * as tf from '@tensorflow/tfjs';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import type { ModelName } from '../../experiment/catalogue/models/index.js';
import type { ParameterSpec, ParameterTensors, ParameterValues } from './parameters.js';
import type { Observe } from './batch-norm.js';
import type { StatisticRecord } from '../../experiment/catalogue/models/weights.js';

export interface Model {
  readonly name: ModelName;
  readonly parameters: readonly ParameterSpec[];
  /** State beside the parameters: what evaluation takes for the mean and variance of a batch. */
  readonly statistics?: readonly StatisticRecord[];
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
