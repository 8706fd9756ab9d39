// Curves of implicit networks: coupling matrices that stay well-posed while they are fitted, and the certified loss.
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import type { CertifiedTraining, TrainingRecipe } from '../../../experiment/specs/training.js';
import { implicitSites } from '../../../experiment/catalogue/models/implicit-sites.js';
import { coordinatesFor } from '../../../numerics/curves/implicit-coordinates.js';
import { makeResident } from '../../../numerics/data/resident.js';
import { projectMeasure } from '../../../numerics/implicit/measure-projection.js';
import { matrixMeasure } from '../../../numerics/implicit/parametrisation.js';
import { lossAndGradients } from '../../../numerics/losses/training-loss.js';
import { couplingNetwork } from '../../../numerics/models/coupling-network.js';
import type { Model } from '../../../numerics/models/model.js';
import { toTensors, toValues } from '../../../numerics/models/parameters.js';
import { modelFor } from '../../../numerics/models/registry.js';
import { stream } from '../../../numerics/random.js';
import { worstLogits } from '../../../numerics/training/certified.js';
import { fitBends } from '../../../numerics/training/curve.js';
import { curveStep } from '../../../numerics/training/curve-step.js';
import { unrolled } from '../../../numerics/graph/loop.js';
import { wellPosed } from '../../../numerics/training/well-posed.js';
import { difference, expectNoLeaks, host, syntheticDigits, values } from '../engine.js';

expectNoLeaks();
const own = modelFor('nemon', [28, 28, 1], 10);
const { name, parameters, layers = [] } = own;
const coupled = couplingNetwork({ name, layers, shape: [28, 28, 1], classes: 10 });
const { end: enter, leave } = coordinatesFor(layers, 'coupling');
const weights = (seed: number) => own.initial(stream(seed, 'init', 0));
const position = parameters.findIndex((spec) => spec.name === 'implicit1.coupling');

/** Five steps at a rate at which matrices leave the set. */
const recipe: TrainingRecipe = {
  ...{ steps: 5, batchSize: 20, learningRate: 30, momentum: 0.9, weightDecay: 0 },
};

const measureOf = (matrix: tf.Tensor) =>
  tf.tidy(() => values(matrixMeasure(matrix, tf.ones([100])))[0]!);

async function fitted(model: Model, certified?: CertifiedTraining, rate = recipe.learningRate) {
  const data = makeResident(syntheticDigits(40), 10);
  const [a, b] = [weights(1), weights(2)].map(enter);
  const ends = { start: toTensors(parameters, a!), end: toTensors(parameters, b!) };
  // Near the boundary of the set, where the first end is.
  const bends = [toTensors(parameters, a!)];
  const losses: number[] = [];
  const [bend] = await fitBends(host, ends, bends, {
    ...{ model, family: 'bezier', data, seed: 3, certified },
    recipe: { ...recipe, learningRate: rate },
    onStep: (_step, _total, loss) => void losses.push(loss),
  });
  tf.dispose([...ends.start, ...ends.end]);
  data.dispose();
  return { bend: bend!, losses };
}

test('a bend whose coupling matrix is fitted itself stays well-posed, where others would not', async () => {
  const { bend } = await fitted(coupled);
  expect(measureOf(bend[position]!)).toBeLessThan(1e-5);
  // The same steps without the projection.
  const loose = await fitted({ ...coupled, layers: [] });
  expect(measureOf(loose.bend[position]!)).toBeGreaterThan(0.01);
  tf.dispose(loose.bend);
  // In the network's own weights it is the same matrix.
  const back = enter(leave(toValues(parameters, bend)));
  expect(difference(bend[position]!, [...back.get('implicit1.coupling')!])).toBeLessThan(1e-4);
  tf.dispose(bend);
});

test('the projection is that of coupling matrices that are weights, and of no other weight', () => {
  tf.tidy(() => {
    const wild = parameters.map(({ shape }) => tf.randomNormal([...shape], 0, 1, 'float32', 5));
    const posed = wellPosed(coupled, wild);
    posed.forEach((one, i) => {
      if (i !== position) expect(one).toBe(wild[i]);
    });
    expect(measureOf(wild[position]!)).toBeGreaterThan(1);
    expect(measureOf(posed[position]!)).toBeLessThan(1e-5);
    const [site] = implicitSites(layers);
    const nearest = projectMeasure(wild[position]!, site!.bound);
    expect(difference(posed[position]!, values(nearest))).toBe(0);
    // Free parameters are well-posed whatever they are.
    expect(wellPosed(own, wild)).toEqual(wild);
  });
});

test('the gradient of the step is the chain rule through A, on the boundary of the set too', () => {
  tf.tidy(() => {
    const [a, b] = [weights(1), weights(2)].map((one) => toTensors(parameters, enter(one)));
    const bend = wellPosed(
      coupled,
      parameters.map(({ shape }) => tf.randomNormal([...shape], 0, 0.1, 'float32', 5)),
    ).map((one, i) => (/scaling|damping/.test(parameters[i]!.name) ? tf.zerosLike(one) : one));
    const images = tf.randomUniform([4, 28, 28, 1], 0, 1, 'float32', 3);
    const labels = tf.oneHot(tf.tensor1d([0, 1, 2, 3], 'int32'), 10).toFloat();
    const c = [0.25, 0.5, 0.25];
    const rate = 1e-3;
    const step = unrolled(curveStep(coupled, { points: 3, fixed: true }, recipe));
    const velocity = bend.map((one) => tf.zerosLike(one));
    const outputs = step(
      ...[...bend, ...velocity, ...a!, ...b!, images, labels, tf.ones([4]), tf.scalar(rate)],
      tf.tensor1d(c),
    );
    const mixed = bend.map((one, i) =>
      tf.addN([tf.mul(a![i]!, c[0]!), tf.mul(one, c[1]!), tf.mul(b![i]!, c[2]!)]),
    );
    const batch = { images, labels, weights: tf.ones([4]) };
    const { gradients } = lossAndGradients(coupled, mixed, batch);
    const moved = tf.sub(bend[position]!, tf.mul(gradients[position]!, rate * c[1]!));
    const expected = projectMeasure(moved, 0);
    expect(difference(outputs[position]!, values(expected))).toBeLessThan(1e-6);
  });
});

test('a certified curve minimises the mean of both losses at t', () => {
  tf.tidy(() => {
    const [a, b, bend] = [1, 2, 3].map((seed) => toTensors(parameters, weights(seed)));
    const images = tf.randomUniform([4, 28, 28, 1], 0, 1, 'float32', 3);
    const labels = tf.oneHot(tf.tensor1d([0, 1, 2, 3], 'int32'), 10).toFloat();
    const batch = { images, labels, weights: tf.ones([4]) };
    const step = unrolled(
      curveStep(own, { points: 3, fixed: true }, recipe, { isCertified: true }),
    );
    const velocity = bend!.map((one) => tf.zerosLike(one));
    const at = (epsilon: number, kappa: number) => {
      const outputs = step(
        ...[...bend!, ...velocity, ...a!, ...b!, images, labels, tf.ones([4]), tf.scalar(0.1)],
        ...[tf.tensor1d([0.25, 0.5, 0.25]), tf.scalar(epsilon), tf.scalar(kappa)],
      );
      return values(outputs.at(-1)!)[0]!;
    };
    const mixed = bend!.map((one, i) =>
      tf.addN([tf.mul(a![i]!, 0.25), tf.mul(one, 0.5), tf.mul(b![i]!, 0.25)]),
    );
    const clean = values(lossAndGradients(own, mixed, batch).nll)[0]!;
    const worst = { logits: worstLogits(own, tf.scalar(0.05)), weight: tf.scalar(1) };
    const bound = values(lossAndGradients(own, mixed, batch, { worst }).nll)[0]!;
    expect(bound).toBeGreaterThan(clean + 0.1);
    expect(at(0.05, 0.75)).toBeCloseTo(0.25 * clean + 0.75 * bound, 4);
    expect(at(0.05, 0)).toBeCloseTo(clean, 5);
  });
});

test('radius and weight of the fit are those of its schedule, in both coordinates', async () => {
  const ramp = { epsilon: 0.1, kappa: 1, begin: 0.4, end: 0.6, levels: 1 };
  const [plain, certified] = [
    await fitted(coupled, undefined, 1e-3),
    await fitted(coupled, ramp, 1e-3),
  ];
  expect(certified.losses.slice(0, 2)).toEqual(plain.losses.slice(0, 2));
  expect(certified.losses[2]).toBeGreaterThan(plain.losses[2]! + 0.1);
  tf.dispose([...plain.bend, ...certified.bend]);
});
