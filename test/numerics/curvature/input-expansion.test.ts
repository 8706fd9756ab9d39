// The loss around an image to second order: closed forms of softmax regression, then exact products of the Hessian.
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { createInputHessian } from '../../../numerics/curvature/operators/input-hessian.js';
import { createJacobian, softmax } from '../../../numerics/curvature/operators/input-jacobian.js';
import {
  expandLoss,
  firstOrderLoss,
  inputGradient,
  secondOrderLoss,
} from '../../../numerics/curvature/measures/input-expansion.js';
import {
  exactInputSpectrum,
  inputSpectrum,
} from '../../../numerics/curvature/measures/input-spectrum.js';
import { makeResident } from '../../../numerics/data/resident.js';
import { modelFor } from '../../../numerics/models/registry.js';
import { toTensors } from '../../../numerics/models/parameters.js';
import { stream } from '../../../numerics/random.js';
import { expectNoLeaks, host, syntheticDigits } from '../engine.js';

expectNoLeaks();

describe('of softmax regression with two classes and two pixels', () => {
  // z = (a x, 0): l = log(1 + exp(-a x)) for class 0, a logistic loss with every derivative known.
  const a = [2, -1];
  const x = [0.3, 0.8];
  const margin = a[0]! * x[0]! + a[1]! * x[1]!;
  const p = 1 / (1 + Math.exp(-margin));
  const jacobian = {
    rows: [Float64Array.from(a), new Float64Array(2)],
    probabilities: [p, 1 - p],
    logProbabilities: [Math.log(p), Math.log(1 - p)],
  };

  test('loss and gradient are the logistic ones', () => {
    const { nll, gradient } = inputGradient(jacobian, 0);
    expect(nll).toBeCloseTo(Math.log(1 + Math.exp(-margin)), 14);
    expect([...gradient]).toEqual([-(1 - p) * 2, (1 - p) * 1]);
  });

  test('the expansion is that of the logistic loss along sign(g), whose third derivative bounds the rest', () => {
    const gradient = inputGradient(jacobian, 0);
    // H = p (1 - p) a a^T; s = (-1, 1), s^T a = -3; the top eigenvector is a / ||a||, to which g is parallel.
    const product = Float64Array.from(a, (value) => p * (1 - p) * -3 * value);
    const top = Float64Array.from(a, (value) => value / Math.sqrt(5));
    const eigenvalue = 5 * p * (1 - p);
    const found = expandLoss(gradient, { eigenvalue, vector: top }, product);
    expect(found.alignment.value).toBeCloseTo(1, 14);
    expect(found.gradientL1).toBeCloseTo(3 * (1 - p), 14);
    expect(found.gradientL2).toBeCloseTo(Math.sqrt(5) * (1 - p), 14);
    expect(found.signCurvature).toBeCloseTo(9 * p * (1 - p), 14);
    const epsilon = 0.01;
    const exact = Math.log(1 + Math.exp(-(margin - 3 * epsilon)));
    // |d3 l| <= 27 max |p (1 - p) (1 - 2 p)| < 27 / 10.
    expect(Math.abs(secondOrderLoss(found, epsilon) - exact)).toBeLessThan(
      (2.7 * epsilon ** 3) / 6,
    );
    expect(Math.abs(firstOrderLoss(found, epsilon) - exact)).toBeGreaterThan(1e-5);
  });

  test('where the network is sure, neither loss nor gradient is lost to rounding', () => {
    const tiny = 1e-25;
    const { nll, gradient } = inputGradient({ ...jacobian, probabilities: [1, tiny] }, 0);
    expect(nll).toBe(tiny);
    expect(gradient[0]).toBe(-2 * tiny);
  });

  test('where the network is sure of another class, the loss is the difference of the logits', () => {
    const sure = { ...jacobian, ...softmax(Float32Array.of(-2.6e9, 0)) };
    expect(sure.probabilities).toEqual([0, 1]);
    const found = inputGradient(sure, 0);
    expect(found.nll).toBe(2.6e9);
    expect([...found.gradient]).toEqual([-2, 1]);
    const none = { eigenvalue: 0, vector: Float64Array.of(1, 0) };
    const expansion = expandLoss(found, none, new Float64Array(2));
    // p is exactly one-hot, so diag(p) - p p^T is exactly 0, and ||g||_1 = 3.
    expect(secondOrderLoss(expansion, 0.1)).toBe(2.6e9 + 0.1 * 3);
    expect(expansion.alignment).toEqual({ value: NaN, n: 1, reason: 'zero-curvature' });
  });

  test('a gradient of exactly 0 has no direction, one whose squares underflow has', () => {
    const sure = { ...jacobian, ...softmax(Float32Array.of(900, 0)) };
    const none = inputGradient(sure, 0);
    const top = { eigenvalue: 1, vector: Float64Array.of(0.6, -0.8) };
    expect(none.nll).toBe(0);
    expect(expandLoss(none, top, null).alignment).toMatchObject({ reason: 'zero-gradient' });
    const small = { nll: 1, gradient: Float64Array.of(3e-200, -4e-200) };
    const found = expandLoss(small, top, null);
    expect(found.alignment.value).toBeCloseTo(1, 15);
    expect(found.gradientL2 / 5e-200).toBeCloseTo(1, 15);
  });
});

test('of cnn-small: J^T S J and the Hessian product agree, and the gradient is the one of tfjs', async () => {
  const images = syntheticDigits(12);
  const model = modelFor('cnn-small', images.shape, 10);
  const initial = model.initial(stream(3, 'init', 0));
  const values = new Map([...initial].map(([name, v]) => [name, v.map((w) => 1.5 * w)]));
  const weights = toTensors(model.parameters, values);
  const data = makeResident(images, 10);
  const jacobian = createJacobian(host, model, data, 5);
  const hessian = createInputHessian(host, model, data, 5);
  const labels = images.labels;
  const options = {
    seed: 1,
    maxSteps: 12,
    tolerance: 1e-6,
    expansion: { labels, curvature: true },
  };
  const pause = () => undefined;
  try {
    const form = await inputSpectrum(jacobian, weights, options, pause);
    const exact = await exactInputSpectrum(hessian, jacobian, weights, options, pause);
    form.forEach(({ expansion }, i) => {
      const [a, b] = [expansion!, exact[i]!.expansion!];
      expect(Math.abs(a.signCurvature! / b.signCurvature! - 1)).toBeLessThan(1e-4);
      expect(Math.abs(a.alignment.value - b.alignment.value)).toBeLessThan(1e-3);
      expect([a.gradientL1, a.gradientL2, a.nll]).toEqual([b.gradientL1, b.gradientL2, b.nll]);
      expect(a.alignment.value).toBeGreaterThan(0);
      expect(a.alignment.value).toBeLessThanOrEqual(1 + 1e-9);
    });
    const l1 = tf.tidy(() => {
      const x = tf.tensor(
        Float32Array.from(images.pixels, (v) => v / 255),
        [12, 28, 28, 1],
      );
      const oneHot = tf.oneHot(tf.tensor1d([...labels], 'int32'), 10);
      const loss = (z: tf.Tensor) =>
        tf.neg(tf.sum(tf.mul(oneHot, tf.logSoftmax(model.apply(weights, z)))));
      const gradient = tf.grad(loss)(x);
      return Array.from(tf.sum(tf.abs(gradient), [1, 2, 3]).dataSync());
    });
    form.forEach(({ expansion }, i) =>
      expect(Math.abs(expansion!.gradientL1 / l1[i]! - 1)).toBeLessThan(1e-4),
    );
  } finally {
    jacobian.dispose();
    hessian.dispose();
    data.dispose();
    tf.dispose(weights);
  }
});

test('without being asked for, the spectrum is the same and has no expansion', async () => {
  const images = syntheticDigits(3);
  const model = modelFor('mlp', images.shape, 10);
  const weights = toTensors(model.parameters, model.initial(stream(4, 'init', 0)));
  const data = makeResident(images, 10);
  const jacobian = createJacobian(host, model, data, 3);
  const plain = { seed: 1, maxSteps: 8, tolerance: 1e-5 };
  const pause = () => undefined;
  const without = await inputSpectrum(jacobian, weights, plain, pause);
  const expansion = { labels: images.labels, curvature: false };
  const withIt = await inputSpectrum(jacobian, weights, { ...plain, expansion }, pause);
  expect(withIt.map(({ expansion: found, ...rest }) => [rest, found!.signCurvature])).toEqual(
    without.map((result) => [result, null]),
  );
  jacobian.dispose();
  data.dispose();
  tf.dispose(weights);
});
