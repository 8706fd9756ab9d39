/** Training recipe from the configuration of an endpoint or a curve. */
import type { CurveConfig } from '../../config/curve.js';
import type { EndpointConfig } from '../../config/endpoint.js';
import type { TrainingData } from '../../specs/data.js';
import type { AdversarialSpec, Budget, TrainingRecipe } from '../../specs/training.js';
import type { Effort } from '../kind.js';
import { imagesText } from './images-text.js';

export function recipe(config: EndpointConfig | CurveConfig): TrainingRecipe {
  const { batchSize, learningRate, momentum, weightDecay } = config;
  const { schedule, nesterov, dropout, labelSmoothing, augmentation } = config;
  const always = { ...budget(config), batchSize, learningRate, momentum, weightDecay };
  // What is absent is not in the key: recipes from before there was such a field keep theirs.
  return {
    ...always,
    ...(schedule === undefined || schedule.kind === 'half-linear' ? {} : { schedule }),
    ...('optimiser' in config && config.optimiser === 'adam'
      ? { optimiser: config.optimiser }
      : {}),
    ...('optimiserRestarts' in config && config.optimiserRestarts
      ? { optimiserRestarts: config.optimiserRestarts }
      : {}),
    ...(nesterov ? { nesterov } : {}),
    ...(dropout === undefined ? {} : { dropout }),
    ...(labelSmoothing === undefined ? {} : { labelSmoothing }),
    ...(augmentation === undefined ? {} : { augmentation }),
  };
}

/** The schema lets one of both through, and no more. */
function budget({ epochs, steps }: EndpointConfig | CurveConfig): Budget {
  if (steps !== undefined) return { steps };
  return { epochs: epochs! };
}

interface Training {
  readonly recipe: TrainingRecipe;
  readonly adversarial?: AdversarialSpec | null;
  readonly data?: TrainingData;
}

/** Epochs, or images in all steps; the steps of an adversary come before each step of training. */
export function trainingEffort({ recipe, adversarial, data }: Training): Effort {
  const { epochs, steps, batchSize } = recipe;
  return {
    variant: [epochs === undefined ? 'steps' : 'epochs', imagesText(data)],
    amount: (epochs ?? steps * batchSize) * (1 + (adversarial?.steps ?? 0)),
  };
}
