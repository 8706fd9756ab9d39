// An optimiser that begins anew: the same bits as a second training with a fresh state from the weights reached.
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { TrainingRecipe } from '../../../experiment/specs/training.js';
import { makeResident } from '../../../numerics/data/resident.js';
import { toTensors } from '../../../numerics/models/parameters.js';
import { modelFor } from '../../../numerics/models/registry.js';
import { restartInputs } from '../../../numerics/optimise/step-inputs.js';
import { stream } from '../../../numerics/random.js';
import {
  initialState,
  optimiserFor,
  trainedWeights,
  trainOn,
} from '../../../numerics/training/endpoint.js';
import { expectNoLeaks, host, syntheticDigits, values } from '../engine.js';

expectNoLeaks();
const model = modelFor('nemon', [28, 28, 1], 10);
const digits = syntheticDigits(40);
/** Four steps an epoch, eight in all. */
const plain: TrainingRecipe = {
  ...{ epochs: 2, batchSize: 10, learningRate: 0.005, momentum: 0.9, weightDecay: 0 },
  schedule: { kind: 'piecewise', points: [[0, 1]], interpolation: 'constant' },
};

/** The weights after each step, as lists. */
async function trained(recipe: TrainingRecipe, from: { step: number; weights: number[][] } | null) {
  const optimiser = optimiserFor({ model, recipe });
  const data = makeResident(digits, 10);
  const begin = model.initial(stream(1, 'init', 0));
  const start = from
    ? model.parameters.map(({ shape }, i) => tf.tensor(from.weights[i]!, [...shape]))
    : toTensors(model.parameters, begin);
  const { state } = initialState(model, optimiser, start);
  const last = await trainOn(
    host,
    { step: from?.step ?? 0, state },
    { ...{ model, recipe, adversarial: null, data, seed: 1 }, onStep: () => undefined },
  );
  const end = trainedWeights(model, optimiser, last).map(values);
  tf.dispose(last);
  data.dispose();
  return end.map((one) => [...one]);
}

describe.each([['adam'], ['sgd']] as const)('%s that begins anew at half of the steps', (kind) => {
  const recipe: TrainingRecipe = kind === 'adam' ? { ...plain, optimiser: kind } : plain;
  const restarting: TrainingRecipe = { ...recipe, optimiserRestarts: [0.5] };

  test('is a second training from the weights after half of them', async () => {
    const half = { step: 4, weights: await trained({ ...recipe, epochs: 1 }, null) };
    const second = await trained(recipe, half);
    const once = await trained(restarting, null);
    once.forEach((tensor, i) => {
      // Other graphs may add in another order.
      tensor.forEach((value, j) => expect(Math.abs(value - second[i]![j]!)).toBeLessThan(2e-6));
    });
    const unbroken = await trained(recipe, null);
    const apart = unbroken.map((tensor, i) =>
      Math.max(...tensor.map((value, j) => Math.abs(value - once[i]![j]!))),
    );
    // The test would notice an optimiser that goes on.
    expect(Math.max(...apart)).toBeGreaterThan(1e-4);
  });
});

test('it is due at the first step at or after each fraction, never at the first of all', () => {
  const due = (places: readonly number[], total: number) =>
    Array.from({ length: total }, (_, step) => step).filter(
      (step) =>
        restartInputs({ ...plain, optimiserRestarts: places }, step, total)[0]!.values[0] === 1,
    );
  expect(due([0.5], 8)).toEqual([4]);
  expect(due([0.3, 0.9], 10)).toEqual([3, 9]);
  expect(due([0.7317073], 24_600)).toEqual([18_000]); // epoch 30 of 41
  expect(due([0.01], 10)).toEqual([1]);
  expect(restartInputs(plain, 4, 8)).toEqual([]);
});
