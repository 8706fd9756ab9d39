/** Of what an endpoint or a curve says, what its training goes by. */
import type { CurveConfig } from '../../config/curve.js';
import type { EndpointConfig } from '../../config/endpoint.js';
import type { Budget, TrainingRecipe } from '../../records/runs.js';

export function recipe(config: EndpointConfig | CurveConfig): TrainingRecipe {
  const { batchSize, learningRate, momentum, weightDecay, dropout, augmentation } = config;
  const always = { ...budget(config), batchSize, learningRate, momentum, weightDecay };
  // What is absent is not in the key: recipes from before there was such a field keep theirs.
  return {
    ...always,
    ...(dropout === undefined ? {} : { dropout }),
    ...(augmentation === undefined ? {} : { augmentation }),
  };
}

/** The schema lets one of both through, and no more. */
function budget({ epochs, steps }: EndpointConfig | CurveConfig): Budget {
  if (steps !== undefined) return { steps };
  return { epochs: epochs! };
}
