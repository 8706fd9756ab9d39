/** One training step of an endpoint as a pure function of tensors, ready to be captured. */
import * as tf from '@tensorflow/tfjs';
import type { AdversarialSpec, TrainingRecipe } from '../../experiment/records/runs.js';
import type { Loop } from '../graph/loop.js';
import type { Model } from '../models/model.js';
import { attackerOn, noAttacker } from './adversary.js';
import { lossAndGradients } from '../losses/training-loss.js';
import { augmented, dropoutOf, isNoisy } from './step-noise.js';
import { sgdStep } from '../optimise/sgd.js';

/**
 * Inputs: parameters, velocities (n tensors each), running statistics (if the model has any), images, labels, weights, learning rate [];
 * with noise its seed [2] (int32); with adversarial training epsilon [], step size [] and an op seed [2] (int32).
 * Outputs: new parameters, new velocities, new running statistics, and the batch's cross-entropy [] before the step, on
 * the attacked images where there is an attack (with TRADES its whole objective). The inner attack is the loop of the step; it sees the
 * network as evaluation does, without dropout.
 */
export function endpointStep(
  model: Model,
  recipe: TrainingRecipe,
  adversarial: AdversarialSpec | null,
): Loop {
  const n = model.parameters.length;
  const s = model.statistics?.length ?? 0;
  const open: Loop['open'] = (...inputs) => {
    const parameters = inputs.slice(0, n);
    const velocities = inputs.slice(n, 2 * n);
    const running = inputs.slice(2 * n, 2 * n + s);
    const [images, labels, weights, learningRate, ...rest] = inputs.slice(2 * n + s);
    const seed = isNoisy(recipe) ? rest.shift()! : null;
    const clean = { images: augmented(recipe, images!, seed), labels: labels!, weights: weights! };
    const predict = (x: tf.Tensor) => model.apply([...parameters, ...running], x);
    const attacker = adversarial
      ? attackerOn(predict, clean, adversarial, rest)
      : noAttacker(clean);
    return {
      ...attacker,
      finish(state) {
        const { batch, against } = attacker.finish(state);
        const { nll, gradients, statistics } = lossAndGradients(
          model,
          parameters,
          batch,
          recipe.weightDecay,
          dropoutOf(recipe, seed),
          against,
        );
        const next = sgdStep({ parameters, velocities }, gradients, recipe.momentum, learningRate!);
        return [...next.parameters, ...next.velocities, ...moved(model, running, statistics), nll];
      },
    };
  };
  return { steps: adversarial?.steps ?? 0, open };
}

/** Running statistics after every pass that the step made of a batch, one after the other. */
function moved(
  { statistics: specs = [] }: Model,
  running: readonly tf.Tensor[],
  found: readonly tf.Tensor[],
): tf.Tensor[] {
  let now = [...running];
  for (let from = 0; from < found.length; from += specs.length) {
    now = specs.map(({ momentum }, i) =>
      tf.add(tf.mul(now[i]!, 1 - momentum), tf.mul(found[from + i]!, momentum)),
    );
  }
  return now;
}
