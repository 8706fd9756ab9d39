/** A model: named parameters, their initial values, and logits as a function of weights and images. */
import type * as tf from '@tensorflow/tfjs';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import type { ParameterSpec, ParameterTensors, ParameterValues } from './parameters.js';
import type { Observe } from './batch-norm.js';
import type { LayerRecord } from '../../experiment/catalogue/models/layer-records.js';
import type { StatisticRecord } from '../../experiment/catalogue/models/weights.js';

/** A network: the names and shapes of its weights, how they are initialised, and the forward pass. */
export interface Model {
  /** For people. */
  readonly name: string;
  readonly parameters: readonly ParameterSpec[];
  /** Absent where it is not made of layers, and so without interval bounds. */
  readonly layers?: readonly LayerRecord[];
  /** Running statistics: the mean and variance that evaluation uses in place of the batch's. */
  readonly statistics?: readonly StatisticRecord[];
  /** The start of training, in the architecture's own way. */
  initial(generator: RandomGenerator): ParameterValues;
  /**
   * Images [batch, height, width, channels] in [0,1] to logits [batch, classes], as in evaluation.
   * The weights are the parameters and then the statistics, if there are any.
   */
  apply(weights: ParameterTensors, images: tf.Tensor): tf.Tensor;
  /** The input of the last dense layer [batch, features], and the logits, as in evaluation; absent where no layer is the last dense one. */
  features?(weights: ParameterTensors, images: tf.Tensor): Features;
  /** Logits as in training, from the parameters alone; absent where that is no different. */
  train?(parameters: ParameterTensors, images: tf.Tensor, training: Training): tf.Tensor;
}

/** Input and output of the last dense layer. */
interface Features {
  /** [batch, features]. */
  readonly features: tf.Tensor;
  /** [batch, classes]. */
  readonly logits: tf.Tensor;
}

/** Behaviour that differs between training and evaluation. */
export interface Training {
  /** Dropout of activations; called once for each layer that has it, in order. */
  readonly drop: (x: tf.Tensor) => tf.Tensor;
  /** Receives the batch statistics of each batch norm, in the order of the model's statistics. */
  readonly observe: Observe;
}

/** Names and shapes of the weights that `apply` takes, in order: parameters, then statistics. */
export function weightSpecs(model: Model): readonly ParameterSpec[] {
  return [...model.parameters, ...(model.statistics ?? [])];
}
