// Certified training: its loss in the cases that are known, its schedule, and Adam against its definition.
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { lossAndGradients } from '../../../numerics/losses/training-loss.js';
import { modelFor } from '../../../numerics/models/registry.js';
import { toTensors } from '../../../numerics/models/parameters.js';
import { adam } from '../../../numerics/optimise/transforms.js';
import { stream } from '../../../numerics/random.js';
import { certifiedInputs, worstLogits } from '../../../numerics/training/certified.js';
import { expectNoLeaks, values } from '../engine.js';

expectNoLeaks();
const model = modelFor('nemon', [6, 6, 1], 3);

/** Loss of four random images with a worst case of this radius and weight. */
function loss(epsilon: number, kappa: number): number {
  return tf.tidy(() => {
    const parameters = toTensors(model.parameters, model.initial(stream(1, 'init', 0)));
    const batch = {
      images: tf.randomUniform([4, 6, 6, 1], 0, 1, 'float32', 3),
      labels: tf.oneHot(tf.tensor1d([0, 1, 2, 0], 'int32'), 3).toFloat(),
      weights: tf.ones([4]),
    };
    const worst = { logits: worstLogits(model, tf.scalar(epsilon)), weight: tf.scalar(kappa) };
    return values(lossAndGradients(model, parameters, batch, { worst }).nll)[0]!;
  });
}

test('of radius 0 the worst case is the cross-entropy itself, whatever its weight', () => {
  expect(loss(0, 1)).toBeCloseTo(loss(0, 0), 4);
});

test('without weight no radius changes the loss; with it the loss grows with the radius', () => {
  expect(loss(0.2, 0)).toBe(loss(0, 0));
  const grown = [0, 0.02, 0.05, 0.2].map((epsilon) => loss(epsilon, 0.75));
  grown.slice(1).forEach((now, i) => expect(now).toBeGreaterThan(grown[i]!));
});

test('the weight mixes the two losses', () => {
  const [clean, bound] = [loss(0.05, 0), loss(0.05, 1)];
  expect(loss(0.05, 0.75)).toBeCloseTo(0.25 * clean + 0.75 * bound, 4);
});

test('radius and weight grow linearly between begin and end', () => {
  const training = { epsilon: 0.1, kappa: 0.75, begin: 0.25, end: 0.5 };
  const at = (step: number) => certifiedInputs(training, step, 100).map((feed) => feed.values[0]!);
  expect([0, 25].map(at)).toEqual([
    [0, 0],
    [0, 0],
  ]);
  expect(at(50)).toEqual([0.1, 0.75]);
  expect(at(99)).toEqual([0.1, 0.75]);
  expect(at(40)[0]).toBeCloseTo(0.06, 10);
});

test('in levels radius and weight are those of the published epochs, 10 to 19 of 41', () => {
  const perEpoch = 600;
  const ramp = { epsilon: 0.1, kappa: 0.75, begin: 0.2439024, end: 0.4878048, levels: 10 };
  const at = (step: number) =>
    certifiedInputs(ramp, step, 41 * perEpoch).map((feed) => feed.values[0]!);
  for (let epoch = 0; epoch < 41; epoch++) {
    const raised = Math.min(10, Math.max(0, epoch - 9));
    for (const step of [epoch * perEpoch, (epoch + 1) * perEpoch - 1]) {
      expect(at(step)[0]).toBeCloseTo(0.01 * raised, 12);
      expect(at(step)[1]).toBeCloseTo(0.075 * raised, 12);
    }
  }
});

test('a level begins at the step of its fraction, however the fraction is rounded', () => {
  const ramp = { epsilon: 0.1, kappa: 1, begin: 0.25, end: 0.5, levels: 10 };
  const raised = (step: number) => certifiedInputs(ramp, step, 40)[1]!.values[0];
  expect([9, 10, 11, 19, 20, 39].map(raised)).toEqual([0, 0.1, 0.2, 1, 1, 1]);
});

test('Adam takes the steps of its definition', () => {
  const gradients = [0.3, -1, 2, 0.01, -0.5];
  let [m, v] = [0, 0];
  const expected = gradients.map((g, k) => {
    m = 0.9 * m + 0.1 * g;
    v = 0.999 * v + 0.001 * g * g;
    return m / (1 - 0.9 ** (k + 1)) / (Math.sqrt(v / (1 - 0.999 ** (k + 1))) + 1e-8);
  });
  tf.tidy(() => {
    const transform = adam(0.9);
    let state = transform.init([tf.zeros([1])]);
    gradients.forEach((g, k) => {
      const next = transform.update([tf.tensor1d([g])], state, [tf.zeros([1])]);
      // 1 - 0.999 in float32 has 4 digits less than 1.
      expect(values(next.updates[0]!)[0]).toBeCloseTo(expected[k]!, 3);
      ({ state } = next);
    });
  });
});
