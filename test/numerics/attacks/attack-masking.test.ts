// The check of an attack by Square finds gradients that mislead, at the budget that an experiment file has if it says nothing.
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attack } from '../../../experiment/attacks/index.js';
import { planAttack } from '../../../experiment/attacks/plan-attack.js';
import type { Model } from '../../../numerics/models/model.js';
import type { AttackOutcome } from '../../../numerics/attacks/runner/attack-outcome.js';
import { attacked, trainedMlp, type Trained } from '../trained-mnist.js';

let network: Trained;

beforeAll(async () => {
  network = await trainedMlp(100);
});

afterAll(() => {
  network.images.dispose();
  tf.dispose(network.weights);
});

/** The same image, and a gradient of the wrong sign. */
const turned = tf.customGrad((x) => ({
  value: tf.clone(x as tf.Tensor),
  gradFunc: (upstream) => tf.neg(upstream),
}));

type Mask = (apply: Model['apply']) => Model['apply'];
const masks: Readonly<Record<string, Mask>> = {
  'sure logits': (apply) => (w, x) => tf.mul(apply(w, x), 1000),
  'images of 17 greys': (apply) => (w, x) => apply(w, tf.div(tf.round(tf.mul(x, 16)), 16)),
  'gradients of the wrong sign': (apply) => (w, x) => apply(w, turned(x)),
};

/** PGD as a file asks for it, with the checks that it has if nothing is said of them. */
async function checked(ball: object, mask: Mask = (apply) => apply) {
  const file = attack.parse({ ...ball, steps: 10, images: 100, checks: {} });
  const { model } = network;
  const masked = { ...network, model: { ...model, apply: mask(model.apply.bind(model)) } };
  return attacked(masked, planAttack(file, { classes: 10 }));
}

describe.each([
  { norm: 'linf', epsilon: 0.1, stepSize: 0.025 },
  { norm: 'l2', epsilon: 1.5, stepSize: 0.4 },
  { norm: 'l1', epsilon: 8, stepSize: 2, pixels: 10 },
])('under $norm', (ball) => {
  let open: AttackOutcome;
  beforeAll(async () => {
    open = await checked(ball);
  });

  test('it finds next to nothing that PGD missed where nothing is hidden', () => {
    expect(open.robustError).toBeGreaterThan(50);
    expect(open.checks!.blackBoxGain).toBeLessThanOrEqual(0.01);
  });
  test.each(Object.entries(masks))(
    'with %s PGD finds next to nothing, and it at least a third of what is there',
    async (_name, mask) => {
      const { cleanError, robustError, checks } = await checked(ball, mask);
      expect(robustError).toBeLessThan(cleanError + 5);
      expect(checks!.blackBoxGain).toBeGreaterThan((open.robustError - cleanError) / 300);
    },
    120_000,
  );
});
