/** A model from its layers: weights by name, in the order in which the layers list them. */
import type * as tf from '@tensorflow/tfjs';
import type { ModelName } from '../../experiment/models.js';
import type { ParameterTensors } from '../parameters.js';
import type { Layer, Pass } from './layer.js';
import type { Model } from './model.js';

export function network(name: ModelName, layer: Layer): Model {
  const { parameters } = layer;
  const position = new Map(parameters.map((spec, i) => [spec.name, i]));
  const named = (weights: ParameterTensors): Pass['weight'] => {
    return (wanted) => weights[position.get(wanted)!]!;
  };
  return {
    name,
    parameters,
    initial: (generator) =>
      new Map(parameters.map((spec) => [spec.name, spec.initial(generator, spec)])),
    apply: (weights, images) => layer.apply(images, { weight: named(weights), drop: same }),
    train: (weights, images, training) =>
      layer.apply(images, { weight: named(weights), ...training }),
  };
}

function same(x: tf.Tensor): tf.Tensor {
  return x;
}
