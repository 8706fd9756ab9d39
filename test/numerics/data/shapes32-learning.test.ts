import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import type { TrainingRecipe } from '../../../experiment/specs/training.js';
import { datasets } from '../../../experiment/catalogue/datasets.js';
import { decodeCifar } from '../../../stores/formats/cifar.js';
import { makeResident } from '../../../numerics/data/resident.js';
import { shapes32Records } from '../../../numerics/data/shapes32.js';
import { createEvaluator } from '../../../numerics/evaluation/evaluate.js';
import type { Model } from '../../../numerics/models/model.js';
import { modelFor } from '../../../numerics/models/registry.js';
import { network } from '../../../numerics/models/network.js';
import { toTensors } from '../../../numerics/models/parameters.js';
import { stream } from '../../../numerics/random.js';
import { trainFrom } from '../../../numerics/training/endpoint.js';
import { expectNoLeaks, host } from '../engine.js';

expectNoLeaks();

const split = (name: 'train' | 'test') =>
  decodeCifar([shapes32Records(name, 0, datasets.shapes32[name])], 1);
const images = { train: split('train'), test: split('test') };

/** Error on the test set in per cent after training on the whole training set. */
async function trainedError(model: Model, epochs: number, learningRate: number): Promise<number> {
  const recipe: TrainingRecipe = {
    ...{ epochs, learningRate, batchSize: 128, momentum: 0.9, weightDecay: 5e-4 },
  };
  const [data, held] = [makeResident(images.train, 10), makeResident(images.test, 10)];
  const start = toTensors(model.parameters, model.initial(stream(1, 'init', 0)));
  const training = { model, recipe, adversarial: null, data, seed: 1, onStep: () => {} };
  const weights = await trainFrom(host, start, training);
  const evaluator = createEvaluator(host, model, held, 125);
  const { error } = await evaluator.evaluate(weights, () => {});
  evaluator.dispose();
  data.dispose();
  held.dispose();
  tf.dispose(weights);
  return error;
}

test('shapes32 is too hard for a linear model: over 40 % of its test images are wrong', async () => {
  const linear = network({
    ...{ name: 'mlp', shape: [32, 32, 3], classes: 10 },
    layers: [
      { kind: 'flatten' },
      { kind: 'dense', name: 'dense', units: 'classes', initial: 'he-normal' },
    ],
  });
  expect(await trainedError(linear, 5, 0.01)).toBeGreaterThan(40);
});

test('shapes32 is learned by cnn-small in four epochs: under 5 % of its test images are wrong', async () => {
  expect(await trainedError(modelFor('cnn-small', [32, 32, 3], 10), 4, 0.05)).toBeLessThan(5);
});
