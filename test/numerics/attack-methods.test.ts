import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { sequenceOf } from '../../numerics/attacks/methods.js';
import { createSequencer } from '../../numerics/attacks/sequence.js';
import { normOf } from '../../numerics/attacks/norm-of.js';
import type { AttackMethod } from '../../experiment/attack-methods.js';
import { makeResident } from '../../numerics/data/resident.js';
import { modelFor } from '../../numerics/models/model.js';
import { toTensors } from '../../numerics/parameters.js';
import { stream } from '../../numerics/random.js';
import { expectNoLeaks, host, syntheticDigits } from './engine.js';

expectNoLeaks();
const noPause = () => {};
const model = modelFor('cnn-small', [28, 28, 1], 10);

async function run(method: AttackMethod, seed = 1) {
  const data = makeResident(syntheticDigits(30), 10);
  const weights = toTensors(model.parameters, model.initial(stream(2, 'init', 0)));
  const sequence = sequenceOf(method, [28, 28, 1], seed);
  const sequencer = createSequencer(
    host,
    model,
    sequence,
    { norm: normOf(method.norm), epsilon: method.epsilon },
    data,
    16,
  );
  try {
    return await sequencer.attack(weights, noPause);
  } finally {
    sequencer.dispose();
    data.dispose();
    tf.dispose(weights);
  }
}
const ball = { norm: 'linf', epsilon: 0.02 } as const;
const checks = { queries: 20 };
const methods: Record<string, AttackMethod> = {
  pgd: { ...ball, stepSize: 0.005, steps: 10, randomStart: true, checks },
  'pgd-l2': {
    norm: 'l2',
    epsilon: 0.3,
    stepSize: 0.1,
    steps: 10,
    randomStart: true,
    momentum: 0.75,
    loss: 'cw',
    confidence: 1,
    checks,
  },
  'pgd-l1': {
    norm: 'l1',
    epsilon: 5,
    stepSize: 1,
    steps: 10,
    randomStart: true,
    pixels: 5,
    target: { rank: 2 },
  },
  apgd: { method: 'apgd', ...ball, steps: 10, loss: 'ce', restarts: 2, checks },
  'apgd-t': {
    method: 'apgd',
    norm: 'l2',
    epsilon: 0.3,
    steps: 10,
    loss: 'dlr',
    targets: 3,
    restarts: 1,
    checks,
  },
  fab: { method: 'fab', ...ball, steps: 10, targets: 3, restarts: 2, checks },
  'fab-l2': { method: 'fab', norm: 'l2', epsilon: 0.3, steps: 10, targets: 3, restarts: 1, checks },
  square: { method: 'square', ...ball, queries: 40, restarts: 1 },
  'square-l2': { method: 'square', norm: 'l2', epsilon: 0.3, queries: 40, restarts: 2 },
  autoattack: { method: 'autoattack', ...ball, steps: 10, targets: 9, queries: 50 },
  'autoattack-l2': {
    method: 'autoattack',
    norm: 'l2',
    epsilon: 0.3,
    steps: 10,
    targets: 9,
    queries: 50,
  },
};
describe.each(Object.entries(methods))('%s', (_name, method) => {
  test('runs', async () => {
    const t = performance.now();
    const outcome = await run(method);
    console.log(_name, outcome, Math.round(performance.now() - t));
    expect(outcome).toEqual(await run(method));
  });
});
