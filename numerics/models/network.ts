/** A model from its layers: weights by name, in the order in which the layers list them. */
import type * as tf from '@tensorflow/tfjs';
import type { ModelName } from '../../experiment/catalogue/models.js';
import type { ParameterTensors } from './parameters.js';
import { normaliseBy, normaliseByBatch } from './batch-norm.js';
import type { Layer, Pass } from './layer.js';
import type { Model } from './model.js';

export function network(name: ModelName, layer: Layer): Model {
  const { parameters, statistics = [] } = layer;
  const position = new Map([...parameters, ...statistics].map((spec, i) => [spec.name, i]));
  const named = (weights: ParameterTensors): Pass['weight'] => {
    return (wanted) => weights[position.get(wanted)!]!;
  };
  return {
    name,
    parameters,
    ...(statistics.length > 0 ? { statistics } : {}),
    initial: (generator) =>
      new Map(parameters.map((spec) => [spec.name, spec.initial(generator, spec)])),
    apply(weights, images) {
      const weight = named(weights);
      const normalise: Pass['normalise'] = (at, x, gamma, beta) =>
        normaliseBy(x, gamma, beta, weight(`${at}.mean`), weight(`${at}.variance`));
      return layer.apply(images, { weight, normalise, drop: same });
    },
    train(weights, images, { drop, observe }) {
      const normalise: Pass['normalise'] = (_at, x, gamma, beta) =>
        normaliseByBatch(x, gamma, beta, observe);
      return layer.apply(images, { weight: named(weights), normalise, drop });
    },
  };
}

function same(x: tf.Tensor): tf.Tensor {
  return x;
}
