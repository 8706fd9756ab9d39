// Exact Hessian products against closed forms first (softmax regression, where the Hessian is known
// by hand), then on cnn-small against J^T S J, which needs no second derivative at all.
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LabelledImages } from '../../numerics/data/labelled-images.js';
import { makeResident, type ResidentData } from '../../numerics/data/resident.js';
import { extremalEigenvalues } from '../../numerics/curvature/extremal-eigenvalues.js';
import {
  closedFormEigenvalues,
  gaussNewton,
  type ImageJacobian,
} from '../../numerics/curvature/gauss-newton.js';
import { inputEigenvalues } from '../../numerics/curvature/input-eigenvalues.js';
import { createInputHessian, type InputHessian } from '../../numerics/curvature/input-hessian.js';
import { createJacobian } from '../../numerics/curvature/input-jacobian.js';
import { meanInputHessian } from '../../numerics/curvature/mean-input-hessian.js';
import { solve, solveSlowly, type SymmetricOperator } from '../../numerics/curvature/operator.js';
import {
  createParameterHessian,
  type ParameterHessian,
  type Reduction,
} from '../../numerics/curvature/parameter-hessian.js';
import {
  publishedEigenvalue,
  publishedOperator,
} from '../../numerics/curvature/published-eigenvalue.js';
import { hutchinsonTrace } from '../../numerics/curvature/trace.js';
import { axpy, dot, norm } from '../../numerics/curvature/vectors.js';
import { convolve, dense, relu } from '../../numerics/models/layers.js';
import { modelFor, type Model } from '../../numerics/models/model.js';
import { toTensors } from '../../numerics/parameters.js';
import { normals, signs, stream } from '../../numerics/random.js';
import { lossAndGradients } from '../../numerics/training/loss.js';
import {
  heStart,
  difference,
  expectNoLeaks,
  host,
  linearModel,
  syntheticDigits,
  values,
} from './engine.js';

const vector = (size: number, index: number) => normals(stream(4, 'lanczos-start', index), size);
const pause = (): void => {};

/** Largest difference, relative to the largest entry. */
function relative(a: Float64Array, b: Float64Array): number {
  return difference(a, b) / b.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

async function productOf(
  hessian: ParameterHessian,
  weights: tf.Tensor[],
  reduction: Reduction,
  v: Float64Array,
  onBatch: () => void = pause,
): Promise<Float64Array> {
  const operator = hessian.at(weights, reduction, onBatch);
  try {
    return await operator.matvec(v);
  } finally {
    operator.dispose();
  }
}

function softmax(z: readonly number[]): number[] {
  const powers = z.map((value) => Math.exp(value));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

/** Softmax regression on 2 x 2 images with 3 classes, and its pieces in float64. */
const regression = linearModel(4, 3);
const flat = Float32Array.from(vector(15, 0)); // weights [4, 3], then biases [3]
const images: LabelledImages = {
  count: 5,
  shape: [2, 2, 1],
  pixels: Uint8Array.from([
    10, 20, 30, 40, 255, 255, 0, 0, 7, 200, 90, 1, 0, 0, 0, 0, 3, 60, 5, 80,
  ]),
  labels: Uint8Array.of(0, 1, 2, 2, 0),
};

function regressionTensors(): tf.Tensor[] {
  const values = new Map([
    ['weight', flat.subarray(0, 12)],
    ['bias', flat.subarray(12)],
  ]);
  return toTensors(regression.parameters, values);
}

/** x with a 1 appended, for the bias, and p. */
function pieces(i: number): { x: number[]; p: number[] } {
  const x = [...Array.from(images.pixels.subarray(4 * i, 4 * i + 4), (b) => b / 255), 1];
  const z = [0, 1, 2].map((c) => x.reduce((sum, xj, j) => sum + xj * flat[3 * j + c]!, 0));
  return { x, p: softmax(z) };
}

describe('of softmax regression', () => {
  let data: ResidentData;
  let parameters: tf.Tensor[];
  beforeAll(() => {
    data = makeResident(images, 3);
    parameters = regressionTensors();
  });
  afterAll(() => {
    data.dispose();
    tf.dispose(parameters);
  });
  expectNoLeaks();

  // H = Σ_i x_i x_i^T ⊗ S_i over the weights and biases together (Böhning 1992).
  test('the weight Hessian is the Kronecker closed form, for any batch size and both reductions', async () => {
    const v = vector(15, 1);
    const expected = new Float64Array(15);
    for (let i = 0; i < 5; i++) {
      const { x, p } = pieces(i);
      const moved = [0, 1, 2].map((c) => x.reduce((sum, xj, j) => sum + xj * v[3 * j + c]!, 0));
      const mean = moved.reduce((sum, m, c) => sum + m * p[c]!, 0);
      x.forEach((xj, j) =>
        p.forEach((pc, c) => (expected[3 * j + c]! += xj * pc * (moved[c]! - mean))),
      );
    }
    for (const batchSize of [1, 2, 5, 100]) {
      const hessian = createParameterHessian(host, regression, data, batchSize);
      let pauses = 0;
      const sum = await productOf(hessian, parameters, 'sum', v, () => void pauses++);
      const mean = await productOf(hessian, parameters, 'mean', v);
      // float32, sums of about 20 products.
      expect(relative(sum, expected)).toBeLessThan(2e-6);
      expect(
        relative(
          mean.map((value) => 5 * value),
          expected,
        ),
      ).toBeLessThan(2e-6);
      expect(pauses).toBe(Math.ceil(5 / batchSize));
      hessian.dispose();
    }
  });

  test('each image has the input Hessian W S W^T, in a full batch and in a padded one', () => {
    for (const batchSize of [5, 3]) {
      const hessian = createInputHessian(host, regression, data, batchSize);
      for (let from = 0; from < 5; from += batchSize) {
        const blocks = hessian.blocks(parameters, from);
        expect(blocks.count).toBe(Math.min(batchSize, 5 - from));
        const vectors = Array.from({ length: blocks.count }, (_, i) => vector(4, 10 + from + i));
        const products = blocks.matvecs(vectors);
        products.forEach((product, i) => {
          const rows = [0, 1, 2].map((c) =>
            Float64Array.from([0, 1, 2, 3], (j) => flat[3 * j + c]!),
          );
          const exact = gaussNewton({ rows, probabilities: pieces(from + i).p });
          expect(relative(product!, exact.matvec(vectors[i]!))).toBeLessThan(2e-6);
        });
        blocks.dispose();
      }
      hessian.dispose();
    }
  });

  test('the mean of the input Hessians does not depend on the batch size', async () => {
    const v = vector(4, 20);
    const rows = [0, 1, 2].map((c) => Float64Array.from([0, 1, 2, 3], (j) => flat[3 * j + c]!));
    const expected = new Float64Array(4);
    for (let i = 0; i < 5; i++) {
      axpy(1 / 5, gaussNewton({ rows, probabilities: pieces(i).p }).matvec(v), expected);
    }
    for (const batchSize of [5, 3]) {
      const hessian = createInputHessian(host, regression, data, batchSize);
      const product = await meanInputHessian(hessian, parameters, pause).matvec(v);
      expect(relative(product, expected)).toBeLessThan(2e-6);
      hessian.dispose();
    }
  });

  // Slot s of the published operator is (1/B) Σ_b H(x_{bB+s}) v_s: images of a slot are mixed.
  test('the published operator mixes the images of a slot and leaves out the incomplete batch', async () => {
    const hessian = createInputHessian(host, regression, data, 2);
    const operator = publishedOperator(hessian, parameters, pause);
    expect(operator).toMatchObject({ size: 8, batches: 2 });
    const rows = [0, 1, 2].map((c) => Float64Array.from([0, 1, 2, 3], (j) => flat[3 * j + c]!));
    const exact: SymmetricOperator = {
      size: 8,
      matvec(v) {
        const total = new Float64Array(8);
        for (let i = 0; i < 4; i++) {
          const slot = (i % 2) * 4;
          const block = gaussNewton({ rows, probabilities: pieces(i).p });
          axpy(1 / 2, block.matvec(v.slice(slot, slot + 4)), total.subarray(slot, slot + 4));
        }
        return total;
      },
    };
    const v = vector(8, 30);
    expect(relative(await operator.matvec(v), exact.matvec(v))).toBeLessThan(2e-6);

    const method = () => publishedEigenvalue(v, 2, { maxSteps: 50, tolerance: 0 });
    const found = await solveSlowly(operator, method());
    expect(found.eigenvalue / solve(exact, method()).eigenvalue).toBeCloseTo(1, 5);
    // Fifty steps come within 2 % of the largest λ_max of a slot's mean Hessian, over B.
    const ends = { largest: 1, smallest: 0, maxSteps: 8, tolerance: 1e-9 };
    const top = solve(exact, extremalEigenvalues(v, ends)).largest[0]!.eigenvalue / 2;
    expect(found.eigenvalue).toBeLessThan(top);
    expect(found.eigenvalue).toBeGreaterThan(0.98 * top);
    hessian.dispose();
  });
});

/** Convolution, tanh, average pooling and a dense layer on 4 x 4 images: smooth everywhere. */
const smooth: Model = {
  name: 'cnn-small',
  parameters: [
    { name: 'conv.weight', shape: [3, 3, 1, 2] },
    { name: 'conv.bias', shape: [2] },
    { name: 'dense.weight', shape: [8, 3] },
    { name: 'dense.bias', shape: [3] },
  ],
  initial: (generator) => heStart(smooth.parameters, generator),
  apply([w1, b1, w2, b2], x) {
    const hidden = tf.tanh(convolve(x, w1!, b1!));
    const pooled = tf.avgPool(hidden as tf.Tensor4D, 2, 2, 'valid');
    return dense(tf.reshape(pooled, [x.shape[0], 8]), w2!, b2!);
  },
};

describe('of a smooth network', () => {
  expectNoLeaks();

  // A step that float32 can take: truncation h² and roundoff 1e-7 / h, both about 1e-4.
  test('the weight Hessian is the central difference of the gradient', async () => {
    const pixels = Uint8Array.from({ length: 96 }, (_, i) => (i * 71) % 256);
    const labels = Uint8Array.of(0, 1, 2, 2, 1, 0);
    const data = makeResident({ count: 6, shape: [4, 4, 1], pixels, labels }, 3);
    const parameters = toTensors(smooth.parameters, smooth.initial(stream(2, 'init', 0)));
    const hessian = createParameterHessian(host, smooth, data, 4);
    const v = vector(47, 70).map((value) => value / 5);
    const product = await productOf(hessian, parameters, 'mean', v);

    const batch = {
      images: tf.tensor4d(
        Float32Array.from(pixels, (b) => b / 255),
        [6, 4, 4, 1],
      ),
      labels: tf.tensor2d(Array.from(labels, (y) => [0, 1, 2].map((c) => Number(c === y)))),
      weights: tf.ones([6]),
    };
    const gradientAt = (h: number): number[] =>
      tf.tidy(() => {
        let offset = 0;
        const moved = parameters.map((w) => {
          const step = Float32Array.from(v.subarray(offset, (offset += w.size)), (x) => x * h);
          return tf.add(w, tf.tensor(step, w.shape));
        });
        return lossAndGradients(smooth, moved, batch, 0).gradients.flatMap(values);
      });
    const [ahead, behind] = [gradientAt(1e-2), gradientAt(-1e-2)];
    const close = Float64Array.from(ahead, (g, i) => (g - behind[i]!) / 2e-2);
    expect(relative(product, close)).toBeLessThan(5e-4);
    tf.dispose([...parameters, batch.images, batch.labels, batch.weights]);
    hessian.dispose();
    data.dispose();
  });
});

/** One pre-activation block with a projection, batch norm with fixed statistics, average pooling. */
function residualModel(): Model {
  const statistics = () => ({
    mean: tf.tensor1d([...vector(4, 80)]),
    variance: tf.tensor1d([0.5, 1, 2, 0.1]),
  });
  const normalise = (x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor): tf.Tensor => {
    const { mean, variance } = statistics();
    const [s, o] = [scale as tf.Tensor1D, offset as tf.Tensor1D];
    return relu(tf.batchNorm(x as tf.Tensor4D, mean, variance, o, s, 1e-5));
  };
  const model: Model = {
    name: 'cnn-small',
    initial: (generator) => heStart(model.parameters, generator),
    parameters: [
      { name: 'stem.weight', shape: [3, 3, 1, 4] },
      { name: 'norm.scale', shape: [1, 4] },
      { name: 'norm.offset', shape: [1, 4] },
      { name: 'conv.weight', shape: [3, 3, 4, 6] },
      { name: 'shortcut.weight', shape: [1, 1, 4, 6] },
      { name: 'dense.weight', shape: [6, 3] },
      { name: 'dense.bias', shape: [3] },
    ],
    apply([stem, scale, offset, conv, shortcut, weight, bias], x) {
      const h = tf.conv2d(x as tf.Tensor4D, stem as tf.Tensor4D, 1, 'same');
      const a = normalise(h, tf.reshape(scale!, [4]), tf.reshape(offset!, [4])) as tf.Tensor4D;
      const residual = tf.conv2d(a, conv as tf.Tensor4D, 2, 'same');
      const sum = tf.add(residual, tf.conv2d(a, shortcut as tf.Tensor4D, 2, 'same'));
      return dense(tf.mean(relu(sum), [1, 2]), weight!, bias!);
    },
  };
  return model;
}

describe('of a residual network with fixed batch norm', () => {
  expectNoLeaks();

  test('input products are J^T S J v of every image, and weight products are symmetric', async () => {
    const model = residualModel();
    const pixels = Uint8Array.from({ length: 192 }, (_, i) => (i * 71) % 256);
    const labels = Uint8Array.of(0, 1, 2);
    const data = makeResident({ count: 3, shape: [8, 8, 1], pixels, labels }, 3);
    const parameters = toTensors(model.parameters, model.initial(stream(2, 'init', 1)));
    const jacobian = createJacobian(host, model, data, 3);
    const hessian = createInputHessian(host, model, data, 3);
    const blocks = hessian.blocks(parameters, 0);
    const vectors = [0, 1, 2].map((i) => vector(64, 81 + i));
    const products = blocks.matvecs(vectors);
    await jacobian.each(
      parameters,
      (j, i) => {
        const exact = gaussNewton(j).matvec(vectors[i]!);
        expect(relative(products[i]!, exact)).toBeLessThan(1e-5);
      },
      pause,
    );
    const weights = createParameterHessian(host, model, data, 2);
    const operator = weights.at(parameters, 'sum', pause);
    const [u, v] = [vector(operator.size, 84), vector(operator.size, 85)];
    const [hu, hv] = [await operator.matvec(u), await operator.matvec(v)];
    const scale = norm(u) * norm(hv);
    expect(Math.abs(dot(u, hv) - dot(hu, v)) / scale).toBeLessThan(1e-6);
    expect(Math.abs(dot(u, hv)) / scale).toBeGreaterThan(1e-4);
    blocks.dispose();
    for (const held of [jacobian, hessian, operator, weights, data]) held.dispose();
    tf.dispose(parameters);
  });
});

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
        const { gradients } = lossAndGradients(model, w, batch, 0);
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
        expect(result.converged).toBe(true);
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
    const options = { largest: 2, smallest: 1, maxSteps: 40, tolerance: 1e-4 };
    const found = await solveSlowly(
      operator,
      extremalEigenvalues(vector(operator.size, 63), options),
    );
    expect(found.converged).toBe(true);
    expect(found.largest[1]!.eigenvalue).toBeGreaterThan(0);
    expect(found.smallest[0]!.eigenvalue).toBeLessThan(0);
    for (const { eigenvalue, vector: y } of [...found.largest, ...found.smallest]) {
      const remainder = await operator.matvec(y);
      axpy(-eigenvalue, y, remainder);
      expect(norm(remainder) / found.largest[0]!.eigenvalue).toBeLessThan(2e-4);
    }
    const probe = (i: number) => signs(stream(1, 'probe', i), operator.size);
    const { trace, standardError } = await solveSlowly(operator, hutchinsonTrace(probe, 4));
    // Few large eigenvalues, many near 0: the trace is at least the two largest, less the error.
    const [first, second] = found.largest;
    expect(trace + 4 * standardError).toBeGreaterThan(first!.eigenvalue + second!.eigenvalue);
    operator.dispose();
    created.dispose();
  });
});
