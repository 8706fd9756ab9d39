/** One training step of an endpoint as a pure function of tensors, ready to be captured. */
import type * as tf from '@tensorflow/tfjs';
import type { AdversarialConfig } from '../../experiment/config.js';
import type { TrainingRecipe } from '../../experiment/runs.js';
import { ascend } from '../attacks/gradient-ascent.js';
import { linf } from '../attacks/linf.js';
import type { TensorFunction } from '../graph/capture.js';
import type { Model } from '../models/model.js';
import { imageGradient, lossAndGradients, type BatchTensors } from './loss.js';
import { dropoutOf, isNoisy } from './noise.js';
import { sgdStep } from './sgd.js';

/**
 * Inputs: parameters, velocities (n tensors each), images, labels, weights, learning rate [];
 * with noise its seed [2] (int32); with adversarial training epsilon [], step size [] and an op seed [2] (int32).
 * Outputs: new parameters, new velocities, and the batch's cross-entropy [] before the step, on
 * the attacked images where there is an attack. The whole inner attack is part of the step; it sees the
 * network as evaluation does, without dropout.
 */
export function endpointStep(
  model: Model,
  recipe: TrainingRecipe,
  adversarial: AdversarialConfig | null,
): TensorFunction {
  const n = model.parameters.length;
  return (...inputs) => {
    const parameters = inputs.slice(0, n);
    const velocities = inputs.slice(n, 2 * n);
    const [images, labels, weights, learningRate, ...rest] = inputs.slice(2 * n);
    const seed = isNoisy(recipe) ? rest.shift()! : null;
    const clean = { images: images!, labels: labels!, weights: weights! };
    const batch = adversarial ? attacked(model, parameters, clean, adversarial, rest) : clean;
    const training = dropoutOf(recipe, seed);
    const { nll, gradients } = lossAndGradients(
      model,
      parameters,
      batch,
      recipe.weightDecay,
      training,
    );
    const next = sgdStep({ parameters, velocities }, gradients, recipe.momentum, learningRate!);
    return [...next.parameters, ...next.velocities, nll];
  };
}

function attacked(
  model: Model,
  parameters: tf.Tensor[],
  batch: BatchTensors,
  adversarial: AdversarialConfig,
  [epsilon, stepSize, seed]: tf.Tensor[],
): BatchTensors {
  const images = ascend(imageGradient(model, parameters, batch.labels), batch.images, linf, {
    epsilon: epsilon!,
    stepSize: stepSize!,
    steps: adversarial.steps,
    startSeed: adversarial.randomStart ? seed! : null,
  });
  return { ...batch, images };
}
