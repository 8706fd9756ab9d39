// Exact Hessian products of a trained cnn-small against J^T S J, which needs no second derivative at all.
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeResident, type ResidentData } from '../../../numerics/data/resident.js';
import { extremalEigenvalues } from '../../../numerics/curvature/algorithms/extremal-eigenvalues.js';
import {
  closedFormEigenvalues,
  gaussNewton,
  type ImageJacobian,
} from '../../../numerics/curvature/operators/gauss-newton.js';
import { inputEigenvalues } from '../../../numerics/curvature/measures/input-eigenvalues.js';
import {
  createInputHessian,
  type InputHessian,
} from '../../../numerics/curvature/operators/input-hessian.js';
import { createJacobian } from '../../../numerics/curvature/operators/input-jacobian.js';
import { solveInGroups, solveSlowly } from '../../../numerics/curvature/operators/operator.js';
import { createParameterHessian } from '../../../numerics/curvature/operators/parameter-hessian.js';
import { estimateTrace, traceSample } from '../../../numerics/curvature/algorithms/trace.js';
import { axpy, dot, norm } from '../../../numerics/curvature/algorithms/vectors.js';
import { modelFor } from '../../../numerics/models/registry.js';
import { toTensors } from '../../../numerics/models/parameters.js';
import { signs, stream } from '../../../numerics/random.js';
import { lossAndGradients } from '../../../numerics/losses/training-loss.js';
import { expectNoLeaks, host, syntheticDigits } from '../engine.js';
import { pause, productOf, relative, vector } from './hessians.js';

describe('of a trained cnn-small', () => {
  const model = modelFor('cnn-small', [28, 28, 1], 10);
  const digits = syntheticDigits(24);
  let data: ResidentData;
  let parameters: tf.Tensor[];
  let jacobians: ImageJacobian[];
  let hessian: InputHessian;

  beforeAll(async () => {
    data = makeResident(digits, 10);
    parameters = train(toTensors(model.parameters, model.initial(stream(3, 'init', 0))), 25);
    const jacobian = createJacobian(host, model, data, 24);
    jacobians = [];
    await jacobian.each(parameters, (j) => void jacobians.push(j), pause);
    jacobian.dispose();
    hessian = createInputHessian(host, model, data, 10);
  });
  afterAll(() => {
    hessian.dispose();
    data.dispose();
    tf.dispose(parameters);
  });
  expectNoLeaks();

  /** Plain gradient descent on all images. */
  function train(initial: tf.Tensor[], steps: number): tf.Tensor[] {
    let w = initial;
    const batch = tf.tidy(() => ({
      images: tf.tensor4d(
        Float32Array.from(digits.pixels, (p) => p / 255),
        [24, 28, 28, 1],
      ),
      labels: tf.cast(tf.oneHot(tf.tensor1d(digits.labels, 'int32'), 10), 'float32'),
      weights: tf.ones([24]),
    }));
    for (let i = 0; i < steps; i++) {
      const next = tf.tidy(() => {
        const { gradients } = lossAndGradients(model, w, batch);
        return w.map((wi, k) => tf.sub(wi, tf.mul(gradients[k]!, 0.1)));
      });
      tf.dispose(w);
      w = next;
    }
    tf.dispose([batch.images, batch.labels, batch.weights]);
    return w;
  }

  test('input products are J^T S J v of every image', () => {
    for (const from of [0, 20]) {
      const blocks = hessian.blocks(parameters, from);
      const vectors = Array.from({ length: blocks.count }, (_, i) => vector(784, 40 + i));
      blocks.matvecs(vectors).forEach((product, i) => {
        const exact = gaussNewton(jacobians[from + i]!).matvec(vectors[i]!);
        // float32 sums of about 2,000 products in either.
        expect(relative(product!, exact)).toBeLessThan(1e-5);
      });
      blocks.dispose();
    }
  });

  test('Lanczos for all images at once finds the eigenvalues of the closed form', async () => {
    const options = { largest: 2, smallest: 1, maxSteps: 20, tolerance: 1e-5, seed: 1 };
    let seen = 0;
    const results: { iterations: number }[] = [];
    await inputEigenvalues(
      hessian,
      parameters,
      options,
      (result, image) => {
        expect(image).toBe(seen++);
        results.push(result);
        const closed = closedFormEigenvalues(jacobians[image]!);
        expect(result.stop).not.toBe('step-limit');
        expect(result.largest[0]!.eigenvalue / closed[0]!).toBeCloseTo(1, 4);
        expect(Math.abs(result.largest[1]!.eigenvalue - closed[1]!) / closed[0]!).toBeLessThan(
          1e-5,
        );
        // Positive semidefinite, of rank 9 in 784 dimensions.
        expect(Math.abs(result.smallest[0]!.eigenvalue) / closed[0]!).toBeLessThan(1e-5);
      },
      pause,
    );
    expect(seen).toBe(24);
    expect(Math.max(...results.map(({ iterations }) => iterations))).toBeLessThanOrEqual(14);
  });

  test('a pause that throws ends Lanczos and the products, and leaves no tensors', async () => {
    const stop = (): never => {
      throw new Error('stopped');
    };
    const options = { largest: 1, smallest: 0, maxSteps: 5, tolerance: 1e-3, seed: 1 };
    const spectrum = inputEigenvalues(hessian, parameters, options, pause, stop);
    await expect(spectrum).rejects.toThrow('stopped');
    const created = createParameterHessian(host, model, data, 10);
    const product = productOf(created, parameters, 'mean', vector(162_710, 59), stop);
    await expect(product).rejects.toThrow('stopped');
    created.dispose();
  });

  test('the weight Hessian is symmetric and does not depend on the batch size', async () => {
    const [small, large] = [7, 24].map((size) => createParameterHessian(host, model, data, size));
    const operator = large!.at(parameters, 'mean', pause);
    expect(operator.size).toBe(162_710);
    const [u, v] = [vector(operator.size, 60), vector(operator.size, 61)];
    const [hu, hv] = [await operator.matvec(u), await operator.matvec(v)];
    // <u, Hv> of random vectors cancels: compare with the lengths instead.
    const scale = norm(u) * norm(hv);
    expect(Math.abs(dot(u, hv) - dot(hu, v)) / scale).toBeLessThan(1e-7);
    expect(Math.abs(dot(u, hv)) / scale).toBeGreaterThan(1e-5);
    const other = await productOf(small!, parameters, 'mean', v);
    expect(relative(other, hv)).toBeLessThan(1e-5);
    for (const held of [operator, small!, large!]) held.dispose();
  });

  // In the weights of one layer alone the logits are piecewise linear, so that layer's block is
  // J^T S J; J comes from one gradient per class.
  test('the weight Hessian of one image has the block J^T S J for every layer', async () => {
    const one = makeResident({ ...digits, count: 1, pixels: digits.pixels.subarray(0, 784) }, 10);
    const created = createParameterHessian(host, model, one, 1);
    const operator = created.at(parameters, 'sum', pause);
    let offset = 0;
    for (let layer = 0; layer < 4; layer++) {
      const rows = logitGradients(layer);
      const size = rows[0]!.length;
      const v = new Float64Array(operator.size);
      v.set(vector(size, 64 + layer), offset);
      const product = (await operator.matvec(v)).subarray(offset, offset + size);
      const { probabilities } = jacobians[0]!;
      const exact = gaussNewton({ rows, probabilities }).matvec(v.slice(offset, offset + size));
      expect(relative(product, exact)).toBeLessThan(1e-5);
      offset += size;
    }
    operator.dispose();
    created.dispose();
    one.dispose();
  });

  /** Of each logit of image 0 in the weights and biases of one layer. */
  function logitGradients(layer: number): Float64Array[] {
    return Array.from({ length: 10 }, (_, c) => {
      const gradients = tf.tidy(() => {
        const pixels = Float32Array.from(digits.pixels.subarray(0, 784), (p) => p / 255);
        const image = tf.tensor4d(pixels, [1, 28, 28, 1]);
        const logit = (weight: tf.Tensor, bias: tf.Tensor): tf.Tensor => {
          const w = parameters.map((wi, k) => [weight, bias][k - 2 * layer] ?? wi);
          return tf.sum(tf.slice(model.apply(w, image), [0, c], [1, 1]));
        };
        return tf.grads(logit)(parameters.slice(2 * layer, 2 * layer + 2));
      });
      const [weight, bias] = gradients.map((g) => g.dataSync<'float32'>());
      tf.dispose(gradients);
      return Float64Array.from([...weight!, ...bias!]);
    });
  }

  // The last layer is softmax regression on the features: its block of the Hessian is known.
  test('the weight Hessian has the Kronecker block of the last layer', async () => {
    const created = createParameterHessian(host, model, data, 24);
    const v = new Float64Array(162_710);
    const last = 162_710 - 1010;
    v.set(vector(1010, 62), last);
    const product = (await productOf(created, parameters, 'sum', v)).subarray(last);
    const features = penultimate();
    const expected = new Float64Array(1010);
    jacobians.forEach(({ probabilities: p }, i) => {
      const x = [...features.subarray(100 * i, 100 * i + 100), 1];
      const moved = p.map((_, c) => x.reduce((sum, xj, j) => sum + xj * v[last + 10 * j + c]!, 0));
      const mean = moved.reduce((sum, m, c) => sum + m * p[c]!, 0);
      x.forEach((xj, j) =>
        p.forEach((pc, c) => (expected[10 * j + c]! += xj * pc * (moved[c]! - mean))),
      );
    });
    expect(relative(product, expected)).toBeLessThan(1e-5);
    created.dispose();
  });

  /** The last layer's inputs [24, 100], read off a copy of the model with the identity behind them. */
  function penultimate(): Float32Array {
    const features = tf.tidy(() => {
      const identity = [tf.eye(100), tf.zeros([100])];
      const pixels = tf.tensor4d(
        Float32Array.from(digits.pixels, (p) => p / 255),
        [24, 28, 28, 1],
      );
      return model.apply([...parameters.slice(0, 6), ...identity], pixels);
    });
    const found = features.dataSync<'float32'>();
    features.dispose();
    return found;
  }

  test('the weight Hessian has extremal eigenvalues of both signs with true residuals, and a trace', async () => {
    const created = createParameterHessian(host, model, data, 24);
    const operator = created.at(parameters, 'mean', pause);
    const options = { largest: 2, smallest: 1, maxSteps: 80, tolerance: 1e-4, noise: 1e-6 };
    const found = await solveSlowly(
      operator,
      extremalEigenvalues((i) => vector(operator.size, 63 + i), options),
    );
    expect(found.stop).toBe('converged');
    expect(found.largest[1]!.eigenvalue).toBeGreaterThan(0);
    expect(found.smallest[0]!.eigenvalue).toBeLessThan(0);
    for (const { eigenvalue, vector: y } of [...found.largest, ...found.smallest]) {
      const remainder = await operator.matvec(y);
      axpy(-eigenvalue, y, remainder);
      expect(norm(remainder) / found.largest[0]!.eigenvalue).toBeLessThan(2e-4);
    }
    const probe = (i: number) => signs(stream(1, 'probe', i), operator.size);
    const { trace, standardError } = estimateTrace(
      await solveInGroups(operator, 4, 3, (i) => traceSample(probe(i))),
    );
    // Few large eigenvalues, many near 0: the trace is at least the two largest, less the error.
    const [first, second] = found.largest;
    expect(trace + 4 * standardError.value).toBeGreaterThan(first!.eigenvalue + second!.eigenvalue);
    operator.dispose();
    created.dispose();
  });
});
