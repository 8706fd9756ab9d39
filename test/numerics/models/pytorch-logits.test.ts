/**
 * Every built-in network gives the logits that PyTorch gives in float64 for the same weights:
 * `npm run bench -- networks --write test/numerics/models/pytorch-logits.json` (PyTorch 2.15.0) stored them.
 */
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { imageCount, referenceInputs } from '../../../bench/networks/reference-inputs.js';
import { hasLayer, modelNames } from '../../../experiment/catalogue/models/index.js';
import { weightSpecs } from '../../../numerics/models/model.js';
import { toTensors } from '../../../numerics/models/parameters.js';
import { modelFor } from '../../../numerics/models/registry.js';
import { difference, expectNoLeaks } from '../engine.js';

expectNoLeaks();

const file = new URL('pytorch-logits.json', import.meta.url);
const stored = JSON.parse(readFileSync(file, 'utf8')) as Record<string, number[][]>;

/** Implicit networks have an oracle of their own: test/numerics/implicit/. */
const explicit = modelNames.filter((name) => !hasLayer(name, 'implicit'));

test.each(explicit)('%s', (name) => {
  const { weights, images } = referenceInputs(name);
  const model = modelFor(name, [32, 32, 3], 10);
  const expected = stored[name]!.flat();
  expect(expected).toHaveLength(10 * imageCount);
  const tensors = toTensors(weightSpecs(model), weights);
  const logits = tf.tidy(() => model.apply(tensors, tf.tensor(images, [imageCount, 32, 32, 3])));
  const scale = Math.max(...expected.map(Math.abs));
  expect(difference(logits, expected) / scale).toBeLessThan(1e-5);
  tf.dispose([...tensors, logits]);
});
