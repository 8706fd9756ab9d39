// How strong the attacks are, against each other, on a network that has learned MNIST.
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AttackMethod } from '../../../experiment/attacks/index.js';
import type { AttackOutcome } from '../../../numerics/attacks/runner/attack-outcome.js';
import { attacked, trainedMlp, type Trained } from '../trained-mnist.js';

let network: Trained;

beforeAll(async () => {
  network = await trainedMlp(500);
});

afterAll(() => {
  network.images.dispose();
  tf.dispose(network.weights);
});

const attack = (method: AttackMethod): Promise<AttackOutcome> => attacked(network, method);

const checks = { queries: 0 };

describe.each([
  { norm: 'linf', epsilon: 0.03, stepSize: 0.0075 },
  { norm: 'l2', epsilon: 0.5, stepSize: 0.125 },
  // Of 1, 5, 10, 20 and 40 pixels a step, 5 make PGD strongest here.
  { norm: 'l1', epsilon: 5, stepSize: 1.25, pixels: 5 },
] as const)('500 images of MNIST under $norm', ({ norm, epsilon, ...step }) => {
  const ball = { norm, epsilon };
  // With checks it goes step by step, from the random starts that APGD has.
  const pgd = { ...ball, ...step, steps: 20, randomStart: true, checks };
  let byPgd: AttackOutcome;
  beforeAll(async () => {
    byPgd = await attack(pgd);
  });

  test('APGD is never weaker than PGD of as many gradients', async () => {
    const byApgd = await attack({
      method: 'apgd',
      ...ball,
      // Beside its steps it needs the gradient at the start; under l1 two for smaller balls and one for the last vertex.
      steps: norm === 'l1' ? 16 : 19,
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
