import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { makeResident } from '../../../numerics/data/resident.js';
import { modelFor } from '../../../numerics/models/registry.js';
import { toTensors } from '../../../numerics/models/parameters.js';
import { stream } from '../../../numerics/random.js';
import { trainFrom } from '../../../numerics/training/endpoint.js';
import { expectNoLeaks, host, syntheticDigits } from '../engine.js';

expectNoLeaks();

const MB = 2 ** 20;

test('resident memory grows by less than 20 MB over 5,000 captured steps, and again in a session used twice', async () => {
  const model = modelFor('cnn-small', [28, 28, 1], 10);
  const data = makeResident(syntheticDigits(160), 10);
  const resident: number[] = [];
  for (const epochs of [50, 250]) {
    const weights = await trainFrom(
      host,
      toTensors(model.parameters, model.initial(stream(1, 'init', 0))),
      {
        model,
        recipe: { epochs, batchSize: 8, learningRate: 0.001, momentum: 0.9, weightDecay: 5e-4 },
        adversarial: null,
        data,
        seed: 1,
        onStep: (step) => void (step % 500 === 0 && resident.push(process.memoryUsage.rss() / MB)),
      },
    );
    tf.dispose(weights);
  }
  data.dispose();
  // The first 1,000 steps, of the first training, fill the caches of the kernels and the heap of JavaScript.
  const [before, after] = [resident[1]!, resident.at(-1)!];
  expect(resident).toHaveLength(12);
  expect(after - before).toBeLessThan(20);
});
