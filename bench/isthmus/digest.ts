/** A digest of the weights after a few training steps: what two processes on one machine must agree on. */
import { createHash } from 'node:crypto';
import * as tf from '@tensorflow/tfjs';
import { weightSpecs } from '../../numerics/models/model.js';
import { toValues } from '../../numerics/models/parameters.js';
import { trainFrom } from '../../numerics/training/endpoint.js';
import type { Setting } from './setting.js';
import { batchSize } from './sizes.js';

/** sha256 of parameters and statistics, one after the other. */
export async function digestTraining(setting: Setting, steps: number): Promise<string> {
  const { host, model, weights, data } = setting;
  const start = model.parameters.map((_, i) => tf.clone(weights[i]!));
  const recipe = { steps, batchSize, learningRate: 0.01, momentum: 0.9, weightDecay: 5e-4 };
  const trained = await trainFrom(host, start, {
    ...{ model, recipe, adversarial: null, data, seed: 1, onStep: () => undefined },
  });
  const hash = createHash('sha256');
  for (const values of toValues(weightSpecs(model), trained).values()) {
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  tf.dispose(trained);
  return hash.digest('hex');
}
