/** The inputs of one training step that change from batch to batch, by name. */
import type { AdversarialSpec, TrainingRecipe } from '../../experiment/specs/training.js';
import { isNoisy } from './step-noise.js';

/**
 * Images [batch, h, w, c], one-hot labels [batch, classes], weights [batch] and the learning rate []; with dropout or
 * augmentation a seed [2] (int32); with adversarial training epsilon [], step size [] and a seed [2] (int32);
 * with certified training epsilon [] and kappa []; with an optimiser that begins anew 1 [] where it does, 0 [] elsewhere;
 * with quantisation the place [] of the weights between float (0) and quantised (1).
 */
export interface BatchInputs {
  readonly images: 'one';
  readonly labels: 'one';
  readonly weights: 'one';
  readonly learningRate: 'one';
  readonly noise: number;
  readonly attack: number;
  readonly certified: number;
  readonly restart: number;
  readonly quantisation: number;
}

/** Layout of these inputs for a recipe. */
export function batchInputs(
  recipe: TrainingRecipe,
  adversarial: AdversarialSpec | null,
  isCertified = false,
  isQuantised = false,
): BatchInputs {
  return {
    ...{ images: 'one', labels: 'one', weights: 'one', learningRate: 'one' },
    noise: isNoisy(recipe) ? 1 : 0,
    attack: adversarial ? 3 : 0,
    certified: isCertified ? 2 : 0,
    restart: recipe.optimiserRestarts === undefined ? 0 : 1,
    quantisation: isQuantised ? 1 : 0,
  };
}
