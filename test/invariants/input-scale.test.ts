// A network behind `scale: s` whose first weights are divided by s is the one without: W / s, s x and s ε for W, x and ε.
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readLayers } from '../../experiment/file/read-layers.js';
import { network } from '../../numerics/models/network.js';
import type { ParameterValues } from '../../numerics/models/parameters.js';
import { difference, expectNoLeaks } from '../numerics/engine.js';
import {
  classes,
  createInstruments,
  now,
  randomValues,
  shape,
  type Instruments,
} from './small-networks.js';
import { toTensors } from '../../numerics/models/parameters.js';

expectNoLeaks();

const epsilon = 0.04;
const layers = [{ conv: { filters: 4, size: 3 } }, 'relu', 'flatten', { dense: 'classes' }];
const behind = (s: number) => {
  const { architecture } = readLayers({ layers: [{ scale: s }, ...layers] });
  return network({ name: 'scaled', layers: architecture, shape, classes });
};

/** Certificates, and losses and FOSC of adversarial examples, at the same ε in pixels. */
async function measured({ model, certifier, attackers }: Instruments, values: ParameterValues) {
  const weights = toTensors(model.parameters, values);
  try {
    const margins = await certifier.certify(weights, epsilon, now);
    const { images } = await attackers.get('pgd')![0]!.attack(weights, now);
    return [...margins.flatMap((each) => [...each]), ...images.nll, ...images.relativeFosc];
  } finally {
    tf.dispose(weights);
  }
}

describe('the input scale', () => {
  test('and a weight scale undo each other, for attacks and certificates; alone each changes them', async () => {
    const [one, four] = [1, 0.25].map((s) => createInstruments(behind(s), [epsilon]));
    try {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 999 }), async (seed) => {
          const values = randomValues(one!.model, seed);
          const first = values.get('conv1.weight')!.map((w) => 4 * w);
          const undone = new Map([...values, ['conv1.weight', first] as const]);
          const own = await measured(one!, values);
          // A quarter and four times are exact in binary.
          expect(await measured(four!, undone)).toEqual(own);
          expect(difference(await measured(four!, values), own)).toBeGreaterThan(1e-3);
        }),
        { numRuns: 5, seed: 2 },
      );
    } finally {
      for (const instruments of [one, four]) instruments!.dispose();
    }
  });
});
