/** Of what an endpoint or a curve says, what its training goes by. */
import type { CurveConfig } from '../config/curve.js';
import type { EndpointConfig } from '../config/endpoint.js';
import type { TrainingRecipe } from '../runs.js';

export function recipe(config: EndpointConfig | CurveConfig): TrainingRecipe {
  const { epochs, batchSize, learningRate, momentum, weightDecay, dropout, augmentation } = config;
  const always = { epochs, batchSize, learningRate, momentum, weightDecay };
  // What is absent is not in the key: recipes from before there was such a field keep theirs.
  return {
    ...always,
    ...(dropout === undefined ? {} : { dropout }),
    ...(augmentation === undefined ? {} : { augmentation }),
  };
}
