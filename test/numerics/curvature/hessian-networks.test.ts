// Exact Hessian products of small networks: smooth, with batch norm, residual.
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { LabelledImages } from '../../../experiment/records/labelled-images.js';
import { makeResident } from '../../../numerics/data/resident.js';
import { gaussNewton } from '../../../numerics/curvature/operators/gauss-newton.js';
import { createInputHessian } from '../../../numerics/curvature/operators/input-hessian.js';
import { createJacobian } from '../../../numerics/curvature/operators/input-jacobian.js';
import { createParameterHessian } from '../../../numerics/curvature/operators/parameter-hessian.js';
import { dot, norm } from '../../../numerics/curvature/algorithms/vectors.js';
import { normaliseBy } from '../../../numerics/models/batch-norm.js';
import { crossEntropies } from '../../../numerics/losses/cross-entropy.js';
import { convolve, dense, relu } from '../../../numerics/models/kernels.js';
import type { Model } from '../../../numerics/models/model.js';
import { modelFor } from '../../../numerics/models/registry.js';
import { toTensors } from '../../../numerics/models/parameters.js';
import { stream } from '../../../numerics/random.js';
import { heStart, expectNoLeaks, host, values } from '../engine.js';
import { images, pause, productOf, relative, softmax, vector } from './hessians.js';

function batchImages({ count, shape, pixels }: LabelledImages): tf.Tensor {
  return tf.tensor(
    Float32Array.from(pixels, (b) => b / 255),
    [count, ...shape],
  );
}

type Batch = { images: tf.Tensor; labels: tf.Tensor; weights: tf.Tensor };

/** Makes the batch anew at every call, for use inside tidy. */
function batchOf(data: LabelledImages, classes: number): () => Batch {
  return () => ({
    images: batchImages(data),
    labels: tf.cast(tf.oneHot(tf.tensor1d(data.labels, 'int32'), classes), 'float32'),
    weights: tf.ones([data.count]),
  });
}

/**
 * Central difference of the gradient of the mean loss in evaluation. A step that float32 can take:
 * truncation h² and roundoff 1e-7 / h, both about 1e-4.
 */
function numericProduct(
  model: Model,
  parameters: tf.Tensor[],
  statistics: tf.Tensor[],
  batch: () => Batch,
  v: Float64Array,
): Float64Array {
  const gradientAt = (h: number): number[] =>
    tf.tidy(() => {
      let offset = 0;
      const moved = parameters.map((w) => {
        const step = Float32Array.from(v.subarray(offset, (offset += w.size)), (x) => x * h);
        return tf.add(w, tf.tensor(step, w.shape));
      });
      const { images, labels } = batch();
      const loss = (...w: tf.Tensor[]): tf.Scalar =>
        tf.mean(crossEntropies(model.apply([...w, ...statistics], images), labels));
      return tf.grads(loss)(moved).flatMap(values);
    });
  const [ahead, behind] = [gradientAt(1e-2), gradientAt(-1e-2)];
  return Float64Array.from(ahead, (g, i) => (g - behind[i]!) / 2e-2);
}

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

  test('the weight Hessian is the central difference of the gradient', async () => {
    const pixels = Uint8Array.from({ length: 96 }, (_, i) => (i * 71) % 256);
    const labels = Uint8Array.of(0, 1, 2, 2, 1, 0);
    const data = makeResident({ count: 6, shape: [4, 4, 1], pixels, labels }, 3);
    const parameters = toTensors(smooth.parameters, smooth.initial(stream(2, 'init', 0)));
    const hessian = createParameterHessian(host, smooth, data, 4);
    const v = vector(47, 70).map((value) => value / 5);
    const product = await productOf(hessian, parameters, 'mean', v);

    const batch = batchOf({ count: 6, shape: [4, 4, 1], pixels, labels }, 3);
    expect(relative(product, numericProduct(smooth, parameters, [], batch, v))).toBeLessThan(5e-4);
    tf.dispose(parameters);
    hessian.dispose();
    data.dispose();
  });
});

/** Dense, batch norm, tanh, dense on 2 x 2 images: smooth, with statistics beside its parameters. */
const normalised: Model = {
  name: 'cnn-small',
  parameters: [
    { name: 'one.weight', shape: [4, 5] },
    { name: 'norm.scale', shape: [5] },
    { name: 'norm.offset', shape: [5] },
    { name: 'two.weight', shape: [5, 3] },
    { name: 'two.bias', shape: [3] },
  ],
  statistics: [
    { name: 'norm.mean', shape: [5], start: 0, momentum: 0.1 },
    { name: 'norm.variance', shape: [5], start: 1, momentum: 0.1 },
  ],
  initial: (generator) => heStart(normalised.parameters, generator),
  apply([w1, scale, offset, w2, b2, mean, variance], x) {
    const hidden = tf.matMul(tf.reshape(x, [x.shape[0], 4]), w1 as tf.Tensor2D);
    return dense(tf.tanh(normaliseBy(hidden, scale!, offset!, mean!, variance!)), w2!, b2!);
  },
};

describe('of a network with batch norm', () => {
  expectNoLeaks();

  test('the weight Hessian is that of the loss in evaluation, its statistics held constant', async () => {
    const data = makeResident(images, 3);
    const scale = Float32Array.of(1.5, 0.5, -1, 2, 1);
    const values = new Map([...normalised.initial(stream(2, 'init', 2)), ['norm.scale', scale]]);
    const parameters = toTensors(normalised.parameters, values);
    const statistics = [tf.tensor1d([0.3, -0.2, 0, 0.1, 1]), tf.tensor1d([0.5, 1, 2, 0.1, 0.7])];
    const weights = [...parameters, ...statistics];
    const v = vector(48, 71).map((value) => value / 5);
    const numbers = numericProduct(normalised, parameters, statistics, batchOf(images, 3), v);
    for (const batchSize of [5, 2]) {
      const hessian = createParameterHessian(host, normalised, data, batchSize);
      const product = await productOf(hessian, weights, 'mean', v);
      expect(relative(product, numbers)).toBeLessThan(5e-4);
      hessian.dispose();
    }
    tf.dispose(weights);
    data.dispose();
  });

  // ReLU has kinks that differences would step over: symmetry, and the closed block of the last layer.
  test('preresnet26: weight products are symmetric, and the last layer has its Kronecker block', async () => {
    const model = modelFor('preresnet26', [32, 32, 3], 10);
    const pixels = Uint8Array.from({ length: 4 * 3072 }, (_, i) => (i * i * 71 + 13 * i) % 256);
    const few = {
      count: 4,
      shape: [32, 32, 3] as const,
      pixels,
      labels: Uint8Array.of(0, 3, 9, 3),
    };
    const data = makeResident(few, 10);
    const parameters = toTensors(model.parameters, model.initial(stream(2, 'init', 3)));
    const statistics = model.statistics!.map(({ shape, start }, i) =>
      tf.fill([...shape], start === 0 ? 0.01 * (i % 5) : 0.5 + 0.1 * (i % 7)),
    );
    const weights = [...parameters, ...statistics];
    const hessian = createParameterHessian(host, model, data, 4);
    const operator = hessian.at(weights, 'sum', pause);
    expect(operator.size).toBe(369_498);
    const [u, v] = [vector(operator.size, 86), vector(operator.size, 87)];
    const [hu, hv] = [await operator.matvec(u), await operator.matvec(v)];
    const length = norm(u) * norm(hv);
    expect(Math.abs(dot(u, hv) - dot(hu, v)) / length).toBeLessThan(1e-6);

    const last = operator.size - 650; // dense [64, 10] and its biases
    const along = new Float64Array(operator.size);
    along.set(vector(650, 88), last);
    const product = (await operator.matvec(along)).subarray(last);
    const logits = tf.tidy(() => Array.from(model.apply(weights, batchImages(few)).dataSync()));
    const features = lastFeatures(model, weights, few);
    const expected = new Float64Array(650);
    for (let i = 0; i < 4; i++) {
      const p = softmax(logits.slice(10 * i, 10 * i + 10));
      const x = [...features.slice(64 * i, 64 * i + 64), 1];
      const moved = p.map((_, c) =>
        x.reduce((sum, xj, j) => sum + xj * along[last + 10 * j + c]!, 0),
      );
      const mean = moved.reduce((sum, m, c) => sum + m * p[c]!, 0);
      x.forEach((xj, j) =>
        p.forEach((pc, c) => (expected[10 * j + c]! += xj * pc * (moved[c]! - mean))),
      );
    }
    expect(relative(product, expected)).toBeLessThan(2e-5);
    for (const held of [operator, hessian, data]) held.dispose();
    tf.dispose(weights);
  });

  /** Input of the dense layer [images * 64]: the logits of ten identity columns at a time. */
  function lastFeatures(model: Model, weights: tf.Tensor[], data: LabelledImages): number[] {
    const n = model.parameters.length;
    const found = new Float64Array(data.count * 64);
    for (let from = 0; from < 64; from += 10) {
      const columns = Math.min(10, 64 - from);
      const seen = tf.tidy(() => {
        const picker = tf.buffer([64, 10]);
        for (let c = 0; c < columns; c++) picker.set(1, from + c, c);
        const changed = [...weights];
        changed[n - 2] = picker.toTensor();
        changed[n - 1] = tf.zeros([10]);
        return Array.from(model.apply(changed, batchImages(data)).dataSync());
      });
      for (let i = 0; i < data.count; i++) {
        for (let c = 0; c < columns; c++) found[64 * i + from + c] = seen[10 * i + c]!;
      }
    }
    return [...found];
  }
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
