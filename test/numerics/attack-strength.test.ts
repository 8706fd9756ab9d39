// How strong the attacks are, against each other, on a network that has learned MNIST.
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeDataset } from '../../activities/runs/decode-dataset.js';
import { firstImages } from '../../activities/runs/data.js';
import type { AttackMethod } from '../../experiment/attack-methods.js';
import { datasets } from '../../experiment/datasets.js';
import { dataDirOf } from '../../infra/settings.js';
import { sequenceOf } from '../../numerics/attacks/methods.js';
import { normOf } from '../../numerics/attacks/norm-of.js';
import { createSequencer, type SequenceScores } from '../../numerics/attacks/sequence.js';
import { makeResident, type ResidentData } from '../../numerics/data/resident.js';
import { modelFor } from '../../numerics/models/model.js';
import { toTensors } from '../../numerics/parameters.js';
import { stream } from '../../numerics/random.js';
import { trainFrom } from '../../numerics/training/endpoint.js';
import { host } from './engine.js';

const model = modelFor('mlp', [28, 28, 1], 10);
let images: ResidentData;
let weights: tf.Tensor[];

beforeAll(async () => {
  const { train, test } = await decodeDataset(datasets.mnist, dataDirOf(process.env));
  images = makeResident(firstImages(test, 500), 10);
  const data = makeResident(firstImages(train, 20_000), 10);
  weights = await trainFrom(
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
});

afterAll(() => {
  images.dispose();
  tf.dispose(weights);
});

async function attack(method: AttackMethod): Promise<SequenceScores> {
  const { norm, epsilon } = method;
  const sequencer = createSequencer(
    host,
    model,
    sequenceOf(method, [28, 28, 1], 1),
    { norm: normOf(norm), epsilon },
    images,
    { batchSize: 250, withImages: false },
  );
  try {
    return await sequencer.attack(weights, () => {});
  } finally {
    sequencer.dispose();
  }
}

const checks = { queries: 0 };

describe.each([
  { norm: 'linf', epsilon: 0.03, stepSize: 0.0075 },
  { norm: 'l2', epsilon: 0.5, stepSize: 0.125 },
  // Of 1, 5, 10, 20 and 40 pixels a step, 5 make PGD strongest here.
  { norm: 'l1', epsilon: 5, stepSize: 1.25, pixels: 5 },
] as const)('500 images of MNIST under $norm', ({ norm, epsilon, ...step }) => {
  const ball = { norm, epsilon };
  const pgd = { ...ball, ...step, steps: 20, randomStart: true };
  let byPgd: SequenceScores;
  beforeAll(async () => {
    byPgd = await attack(pgd);
  });

  test('APGD is never weaker than PGD of as many gradients', async () => {
    const byApgd = await attack({
      method: 'apgd',
      ...ball,
      steps: 19,
      loss: 'ce',
      restarts: 1,
      checks,
    });
    expect(byPgd.robustError).toBeGreaterThan(byPgd.cleanError + 5);
    expect(byApgd.robustError).toBeGreaterThanOrEqual(byPgd.robustError);
    expect(byApgd.robustNll).toBeGreaterThanOrEqual(byPgd.robustNll);
  });
  test('AutoAttack leaves no more images standing than PGD', async () => {
    const { robustError, checks: found } = await attack({
      ...{ method: 'autoattack', ...ball, steps: 10, targets: 3, queries: 50 },
    });
    expect(robustError).toBeGreaterThanOrEqual(byPgd.robustError);
    expect(found).toMatchObject({ zeroGradient: 0, random: 0, blackBoxGain: 0 });
  });
});
