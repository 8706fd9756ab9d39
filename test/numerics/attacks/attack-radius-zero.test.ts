// A ball of radius 0 holds the image alone: every attack leaves exactly the clean figures, and training the clean step.
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { attackNorms, type AttackNorm } from '../../../experiment/attacks/attack-fields.js';
import type { AttackMethod } from '../../../experiment/attacks/index.js';
import type { AdversarialSpec, TrainingRecipe } from '../../../experiment/specs/training.js';
import { singleNetwork } from '../../../numerics/attacks/procedure/model-under-attack.js';
import { makeResident } from '../../../numerics/data/resident.js';
import { capture } from '../../../numerics/graph/capture.js';
import { unrolled } from '../../../numerics/graph/loop.js';
import { compileGraph } from '../../../numerics/graph/compile.js';
import { modelFor } from '../../../numerics/models/registry.js';
import { toTensors } from '../../../numerics/models/parameters.js';
import { stream } from '../../../numerics/random.js';
import { endpointStep } from '../../../numerics/training/endpoint-step.js';
import { expectNoLeaks, host, syntheticDigits, values } from '../engine.js';
import { runnerFor } from './runners.js';

expectNoLeaks();

const model = modelFor('cnn-small', [28, 28, 1], 10);
const start = () => toTensors(model.parameters, model.initial(stream(2, 'init', 0)));
const digits = syntheticDigits(24);
const epsilon = 0;
const checks = { queries: 5 };
const pgd = (norm: AttackNorm) =>
  ({ norm, epsilon, stepSize: 0.02, steps: 3, randomStart: true, restarts: 2 }) as const;

function methods(norm: AttackNorm): readonly (readonly [string, AttackMethod])[] {
  return [
    ['pgd', { ...pgd(norm), checks }],
    ['pgd towards a class', { ...pgd(norm), target: { class: 3 } }],
    ['apgd', { method: 'apgd', norm, epsilon, steps: 5, loss: 'ce', restarts: 2, checks }],
    ['fab', { method: 'fab', norm, epsilon, steps: 3, targets: 2, restarts: 2, checks }],
    ['square', { method: 'square', norm, epsilon, queries: 5, restarts: 2 }],
    ['autoattack', { method: 'autoattack', norm, epsilon, steps: 3, targets: 2, queries: 5 }],
  ];
}

const all = attackNorms.flatMap((norm) =>
  methods(norm).map(([name, method]) => [name, norm, method] as const),
);

test.each(all)(
  '%s of radius 0 under %s gives exactly the clean figures',
  async (_, _norm, method) => {
    const data = makeResident(digits, 10);
    const weights = start();
    const runner = runnerFor(singleNetwork(model), { ...method, seed: 1 }, data, { batchSize: 16 });
    try {
      const scores = await runner.attack(weights, () => undefined);
      expect(scores.cleanNll).toBeGreaterThan(0);
      expect(scores.cleanError).toBeGreaterThan(0);
      expect([scores.robustNll, scores.robustError]).toEqual([scores.cleanNll, scores.cleanError]);
      const aims = method.method === undefined && method.target !== undefined;
      const taken = aims ? takenFor(weights, 3) : null;
      expect(scores.targetedSuccess).toBe(taken);
      expect(scores.checks).toMatchObject({ zeroGradient: 0, random: 0, blackBoxGain: null });
    } finally {
      runner.dispose();
      data.dispose();
      tf.dispose(weights);
    }
  },
);

/** Per cent of the images of other classes that the network takes for this one. */
function takenFor(weights: readonly tf.Tensor[], one: number): number {
  return tf.tidy(() => {
    const images = tf.div(tf.tensor4d([...digits.pixels], [24, 28, 28, 1]), 255);
    const classes = values(tf.argMax(model.apply(weights, images), 1));
    const others = [...digits.labels].flatMap((label, i) => (label === one ? [] : [classes[i]!]));
    return (100 * others.filter((found) => found === one).length) / others.length;
  });
}

test.each(attackNorms)('the images crafted at radius 0 under %s are the images', async (norm) => {
  const data = makeResident(digits, 10);
  const weights = start();
  const settings = { ...pgd(norm), seed: 1 };
  const attacker = runnerFor(singleNetwork(model), settings, data, {
    ...{ batchSize: 16, keepImages: true },
  });
  try {
    const outcome = await attacker.attack(weights, () => undefined);
    const scale = Math.fround(1 / 255);
    const images = Float32Array.from(digits.pixels, (pixel) => Math.fround(pixel * scale));
    expect(outcome.adversarial).toEqual(images);
    expect([outcome.robustNll, outcome.robustError]).toEqual([
      outcome.cleanNll,
      outcome.cleanError,
    ]);
  } finally {
    attacker.dispose();
    data.dispose();
    tf.dispose(weights);
  }
});

test('training against an attacker of radius 0 takes the clean step', () => {
  const recipe: TrainingRecipe = {
    ...{ epochs: 1, batchSize: 16, learningRate: 0.1, momentum: 0, weightDecay: 1e-3 },
  };
  const still: AdversarialSpec = {
    ...{ epsilon, stepSize: 0.04, steps: 2, randomStart: true, warmup: 0 },
  };
  const { pixels, labels } = syntheticDigits(16);
  const step = (adversarial: AdversarialSpec | null): number[][] => {
    const inputs = tf.tidy(() => [
      ...start(),
      ...start().map((w) => tf.zerosLike(w)),
      tf.div(tf.tensor4d([...pixels], [16, 28, 28, 1]), 255),
      tf.oneHot(tf.tensor1d(labels, 'int32'), 10).toFloat(),
      tf.ones([16]),
      tf.scalar(0.1),
      ...(adversarial ? [tf.scalar(0), tf.scalar(0.04), tf.tensor1d([3, 4], 'int32')] : []),
    ]);
    const compiled = compileGraph(
      host,
      capture(unrolled(endpointStep(model, recipe, adversarial)), inputs),
    );
    try {
      return tf.tidy(() => compiled(...inputs).map((x) => values(x)));
    } finally {
      compiled.dispose();
      tf.dispose(inputs);
    }
  };
  expect(step(still)).toEqual(step(null));
});
