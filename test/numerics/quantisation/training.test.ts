/** Training through a quantiser: one step against its definition, and what is left at the end; broken variants fail. */
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { QuantisationSpec } from '../../../experiment/specs/quantisation.js';
import type { AdversarialSpec, TrainingRecipe } from '../../../experiment/specs/training.js';
import { makeResident } from '../../../numerics/data/resident.js';
import { capture } from '../../../numerics/graph/capture.js';
import { compileGraph } from '../../../numerics/graph/compile.js';
import { unrolled } from '../../../numerics/graph/loop.js';
import { lossAndGradients } from '../../../numerics/losses/training-loss.js';
import { toTensors } from '../../../numerics/models/parameters.js';
import { modelFor } from '../../../numerics/models/registry.js';
import { gridDistance } from '../../../numerics/quantisation/measures.js';
import { quantise } from '../../../numerics/quantisation/quantisers.js';
import { stream } from '../../../numerics/random.js';
import { endpointStep } from '../../../numerics/training/endpoint-step.js';
import {
  initialState,
  optimiserFor,
  trainedWeights,
  trainOn,
} from '../../../numerics/training/endpoint.js';
import { difference, expectNoLeaks, host, syntheticDigits, values } from '../engine.js';

expectNoLeaks();

const model = modelFor('cnn-small', [28, 28, 1], 10);
const n = model.parameters.length;
const recipe: TrainingRecipe = {
  ...{ epochs: 4, batchSize: 10, learningRate: 0.05, momentum: 0.9, weightDecay: 1e-2 },
};
const weights = ['conv1.weight', 'conv2.weight'];
const grids = {
  binary: { scheme: 'binary' },
  ternary: { scheme: 'ternary', variant: 'exact' },
  'four bits': { scheme: 'uniform', bits: 4 },
} as const satisfies Record<string, QuantisationSpec['grid']>;
const kinds = Object.keys(grids) as (keyof typeof grids)[];
const relaxation = { start: 1, growth: 7, hard: 0.5 };

/** Float weights, and the weights at a place of the segment from them to the quantised ones. */
function weightsAt(quantisation: QuantisationSpec, position: number) {
  const start = toTensors(model.parameters, model.initial(stream(1, 'init', 0)));
  const seen = model.parameters.map(({ name }, i) => {
    const v = start[i]!;
    if (!weights.includes(name)) return tf.clone(v);
    return tf.tidy(() =>
      tf.add(tf.mul(v, 1 - position), tf.mul(quantise(v, quantisation), position)),
    );
  });
  return { start, seen };
}

function batch() {
  const digits = syntheticDigits(10);
  const images = tf.div(tf.tensor4d(Float32Array.from(digits.pixels), [10, 28, 28, 1]), 255);
  const labels = tf.oneHot(tf.tensor1d([...digits.labels], 'int32'), 10).toFloat();
  return { images, labels, weights: tf.ones([10]) };
}

describe.each(kinds)('a step of %s training', (kind) => {
  const quantisation: QuantisationSpec = { grid: grids[kind], per: 'channel', weights, relaxation };

  test('takes loss and gradient at the relaxed weights, decay and step at the float ones', () => {
    tf.tidy(() => {
      const { start, seen } = weightsAt(quantisation, 0.75);
      const optimiser = optimiserFor({ model, recipe, quantisation });
      const given = batch();
      const inputs = [
        ...[...start, ...start.map((w) => tf.zerosLike(w))],
        ...[given.images, given.labels, given.weights, tf.scalar(0.1), tf.scalar(0.75)],
      ];
      const step = unrolled(endpointStep(model, recipe, null, optimiser));
      const eager = step(...inputs);
      const compiled = compileGraph(host, capture(step, inputs));
      const captured = compiled(...inputs);
      compiled.dispose();
      eager.forEach((output, i) => expect(difference(output, captured[i]!)).toBeLessThan(1e-5));
      const moved = (at: readonly tf.Tensor[]) =>
        lossAndGradients(model, at, given).gradients.map((g, i) =>
          tf.sub(start[i]!, tf.mul(tf.add(g, tf.mul(start[i]!, recipe.weightDecay)), 0.1)),
        );
      const apart = (expected: readonly tf.Tensor[]) =>
        Math.max(...expected.map((w, i) => difference(eager[i]!, w)));
      expect(apart(moved(seen))).toBeLessThan(1e-6);
      expect(values(eager[2 * n]!)[0]).toBeCloseTo(values(lossAndGradients(model, seen, given).nll)[0]!, 5); // prettier-ignore
      // The test would notice a gradient at the float weights.
      expect(apart(moved(start))).toBeGreaterThan(1e-4);
    });
  });

  test('leaves the network as it is where the place is 0', () => {
    tf.tidy(() => {
      const { start } = weightsAt(quantisation, 0);
      const given = batch();
      const shared = [...start, ...start.map((w) => tf.zerosLike(w))];
      const fed = [given.images, given.labels, given.weights, tf.scalar(0.1)];
      const optimiser = optimiserFor({ model, recipe, quantisation });
      const none = unrolled(endpointStep(model, recipe, null, optimiser));
      const plain = unrolled(endpointStep(model, recipe, null));
      const expected = plain(...shared, ...fed);
      none(...shared, ...fed, tf.scalar(0)).forEach((output, i) =>
        expect(difference(output, expected[i]!)).toBe(0),
      );
    });
  });
});

test('the attacker sees the relaxed weights', () => {
  const quantisation: QuantisationSpec = { grid: { scheme: 'binary' }, per: 'tensor', weights };
  const adversarial: AdversarialSpec = {
    ...{ epsilon: 0.1, stepSize: 0.04, steps: 3, randomStart: true, warmup: 0 },
  };
  tf.tidy(() => {
    const { start, seen } = weightsAt(quantisation, 1);
    const given = batch();
    const fed = [given.images, given.labels, given.weights, tf.scalar(0)];
    const attack = [tf.scalar(0.1), tf.scalar(0.04), tf.tensor1d([3, 4], 'int32')];
    const zeros = start.map((w) => tf.zerosLike(w));
    const loss = (step: tf.Tensor[]) => values(step[2 * n]!)[0]!;
    const optimiser = optimiserFor({ model, recipe, quantisation });
    const through = unrolled(endpointStep(model, recipe, adversarial, optimiser));
    const plain = unrolled(endpointStep(model, recipe, adversarial));
    const found = loss(through(...start, ...zeros, ...fed, ...attack, tf.scalar(1)));
    expect(found).toBeCloseTo(loss(plain(...seen, ...zeros, ...fed, ...attack)), 5);
    expect(Math.abs(found - loss(plain(...start, ...zeros, ...fed, ...attack)))).toBeGreaterThan(1e-3); // prettier-ignore
  });
});

test('a tensor that the model lacks is refused', () => {
  const quantisation: QuantisationSpec = { grid: grids.binary, per: 'tensor', weights: ['conv9.weight'] }; // prettier-ignore
  expect(() => optimiserFor({ model, recipe, quantisation })).toThrow('no parameter conv9.weight');
});

describe('a training', () => {
  /** Losses, and float weights at the end. */
  async function trained(quantisation: QuantisationSpec | undefined, seed = 1) {
    const optimiser = optimiserFor({ model, recipe, quantisation });
    const data = makeResident(syntheticDigits(40), 10);
    const start = toTensors(model.parameters, model.initial(stream(seed, 'init', 0)));
    const losses: number[] = [];
    const last = await trainOn(host, initialState(model, optimiser, start), {
      ...{ model, recipe, adversarial: null, data, seed, quantisation },
      onStep: (_step, _total, loss) => void losses.push(loss),
    });
    const end = trainedWeights(model, optimiser, last).map(values);
    tf.dispose(last);
    data.dispose();
    return { losses, end };
  }

  test.each(kinds)('with %s weights learns, the same bits every time', async (kind) => {
    const quantisation: QuantisationSpec = { grid: grids[kind], per: 'tensor', weights, relaxation }; // prettier-ignore
    const [one, two] = [await trained(quantisation), await trained(quantisation)];
    expect(one).toEqual(two);
    expect(one.losses.at(-1)).toBeLessThan(one.losses[0]! / 2);
  });

  test('straight-through differs from the relaxed one, and both from the float one', async () => {
    const binary: QuantisationSpec = { grid: grids.binary, per: 'tensor', weights };
    const ends = [await trained(undefined), await trained(binary), await trained({ ...binary, relaxation })]; // prettier-ignore
    expect(new Set(ends.map(({ losses }) => losses.at(-1))).size).toBe(3);
    expect(ends[1]!.losses[0]).not.toBe(ends[0]!.losses[0]);
  });

  test('the distance to the grid is 0 of quantised weights alone', () => {
    tf.tidy(() => {
      const quantisation: QuantisationSpec = { grid: grids.binary, per: 'tensor', weights };
      const { start, seen } = weightsAt(quantisation, 1);
      const none = gridDistance(model.parameters, seen, quantisation);
      expect(none).toBeLessThan(1e-6);
      // Of Gaussian weights the square root of 1 - 2/π.
      const some = gridDistance(model.parameters, start, quantisation);
      expect(some).toBeCloseTo(Math.sqrt(1 - 2 / Math.PI), 1);
    });
  });
});
