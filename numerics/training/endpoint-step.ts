/** One training step of an endpoint as a pure function of tensors, ready to be captured. */
import * as tf from '@tensorflow/tfjs';
import type { AdversarialConfig } from '../../experiment/config/endpoint.js';
import type { TrainingRecipe } from '../../experiment/runs.js';
import { ascend } from '../attacks/gradient-ascent.js';
import { linf } from '../attacks/linf.js';
import type { TensorFunction } from '../graph/capture.js';
import type { Model } from '../models/model.js';
import { imageGradient, lossAndGradients, type BatchTensors } from './loss.js';
import { augmented, dropoutOf, isNoisy } from './noise.js';
import { sgdStep } from './sgd.js';

/**
 * Inputs: parameters, velocities (n tensors each), running statistics (if the model has any), images, labels, weights, learning rate [];
 * with noise its seed [2] (int32); with adversarial training epsilon [], step size [] and an op seed [2] (int32).
 * Outputs: new parameters, new velocities, new running statistics, and the batch's cross-entropy [] before the step, on
 * the attacked images where there is an attack. The whole inner attack is part of the step; it sees the
 * network as evaluation does, without dropout.
 */
export function endpointStep(
  model: Model,
  recipe: TrainingRecipe,
  adversarial: AdversarialConfig | null,
): TensorFunction {
  const n = model.parameters.length;
  const s = model.statistics?.length ?? 0;
  return (...inputs) => {
    const parameters = inputs.slice(0, n);
    const velocities = inputs.slice(n, 2 * n);
    const running = inputs.slice(2 * n, 2 * n + s);
    const [images, labels, weights, learningRate, ...rest] = inputs.slice(2 * n + s);
    const seed = isNoisy(recipe) ? rest.shift()! : null;
    const clean = { images: augmented(recipe, images!, seed), labels: labels!, weights: weights! };
    const batch = adversarial
      ? attacked(model, [...parameters, ...running], clean, adversarial, rest)
      : clean;
    const { nll, gradients, statistics } = lossAndGradients(
      model,
      parameters,
      batch,
      recipe.weightDecay,
      dropoutOf(recipe, seed),
    );
    const next = sgdStep({ parameters, velocities }, gradients, recipe.momentum, learningRate!);
    const moved = model.statistics?.map(({ momentum }, i) =>
      tf.add(tf.mul(running[i]!, 1 - momentum), tf.mul(statistics[i]!, momentum)),
    );
    return [...next.parameters, ...next.velocities, ...(moved ?? []), nll];
  };
}

function attacked(
  model: Model,
  weights: tf.Tensor[],
  batch: BatchTensors,
  adversarial: AdversarialConfig,
  [epsilon, stepSize, seed]: tf.Tensor[],
): BatchTensors {
  const images = ascend(imageGradient(model, weights, batch.labels), batch.images, linf, {
    epsilon: epsilon!,
    stepSize: stepSize!,
    steps: adversarial.steps,
    startSeed: adversarial.randomStart ? seed! : null,
  });
  return { ...batch, images };
}
