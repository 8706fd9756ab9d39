/** A small network that has learned MNIST, and its first test images: what attacks are compared on. */
import type * as tf from '@tensorflow/tfjs';
import { decodeDataset } from '../../engine/toolkit/decode-dataset.js';
import { firstImages } from '../../engine/toolkit/data.js';
import type { AttackMethod } from '../../experiment/attacks/index.js';
import { datasets } from '../../experiment/catalogue/datasets.js';
import { dataFolder } from '../../settings/settings.js';
import { singleNetwork } from '../../numerics/attacks/procedure/model-under-attack.js';
import type { AttackOutcome } from '../../numerics/attacks/runner/attack-outcome.js';
import { makeResident, type ResidentData } from '../../numerics/data/resident.js';
import type { Model } from '../../numerics/models/model.js';
import { modelFor } from '../../numerics/models/registry.js';
import { toTensors } from '../../numerics/models/parameters.js';
import { stream } from '../../numerics/random.js';
import { trainFrom } from '../../numerics/training/endpoint.js';
import { runnerFor } from './attacks/runners.js';
import { host } from './engine.js';

export interface Trained {
  readonly model: Model;
  readonly weights: tf.Tensor[];
  readonly images: ResidentData;
}

/** Two epochs of 20,000 images; the caller disposes of images and weights. */
export async function trainedMlp(count: number): Promise<Trained> {
  const model = modelFor('mlp', [28, 28, 1], 10);
  const { train, test } = await decodeDataset(datasets.mnist, dataFolder(process.env));
  const data = makeResident(firstImages(train, 20_000), 10);
  const weights = await trainFrom(
    host,
    toTensors(model.parameters, model.initial(stream(1, 'init', 0))),
    {
      model,
      recipe: { epochs: 2, batchSize: 100, learningRate: 0.05, momentum: 0.9, weightDecay: 5e-4 },
      adversarial: null,
      ...{ data, seed: 1, onStep: () => {} },
    },
  );
  data.dispose();
  return { model, weights, images: makeResident(firstImages(test, count), 10) };
}

/** Outcome of the attack on that network. */
export async function attacked(
  { model, weights, images }: Trained,
  method: AttackMethod,
): Promise<AttackOutcome> {
  const runner = runnerFor(singleNetwork(model), { ...method, seed: 1 }, images, {
    batchSize: 250,
  });
  try {
    return await runner.attack(weights, () => {});
  } finally {
    runner.dispose();
  }
}
