// The engine's float32 against the same graphs in float64, on a network that has learned something.
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ascend } from '../../../numerics/attacks/pgd/gradient-ascent.js';
import { linf } from '../../../numerics/attacks/norms/linf.js';
import {
  parameterProductGraph,
  imageProductGraph,
} from '../../../numerics/curvature/operators/hessian.js';
import { createInputHessian } from '../../../numerics/curvature/operators/input-hessian.js';
import { largestEigenvalue } from '../../../numerics/curvature/algorithms/lanczos.js';
import { makeResident, type ResidentData } from '../../../numerics/data/resident.js';
import { compile, compileGraph, type GraphHost } from '../../../numerics/graph/compile.js';
import type { TensorFunction } from '../../../numerics/graph/capture.js';
import { modelFor } from '../../../numerics/models/registry.js';
import { toTensors } from '../../../numerics/models/parameters.js';
import { normals, stream } from '../../../numerics/random.js';
import { trainFrom } from '../../../numerics/training/endpoint.js';
import { batchNll, imageGradient, squaredNorm } from '../../../numerics/losses/training-loss.js';
import { host, syntheticDigits } from '../engine.js';
import { float64Host } from '../float64.js';

const model = modelFor('cnn-small', [28, 28, 1], 10);
const n = model.parameters.length;
const count = 500;
const wide = float64Host(host);
let data: ResidentData;
let weights: tf.Tensor[];
let images: tf.Tensor;
let labels: tf.Tensor;

beforeAll(async () => {
  const digits = syntheticDigits(count);
  data = makeResident(digits, 10);
  images = tf.tensor(
    Float32Array.from(digits.pixels, (p) => p / 255),
    [count, 28, 28, 1],
  );
  labels = tf.oneHot(tf.tensor1d([...digits.labels], 'int32'), 10).toFloat();
  weights = await trainFrom(
    host,
    toTensors(model.parameters, model.initial(stream(1, 'init', 0))),
    {
      model,
      recipe: { epochs: 3, batchSize: 50, learningRate: 0.02, momentum: 0.9, weightDecay: 5e-4 },
      adversarial: null,
      data,
      seed: 1,
      onStep: () => {},
    },
  );
});

afterAll(() => {
  data.dispose();
  tf.dispose([...weights, images, labels]);
});

/** The values of the outputs on a host. */
function on(h: GraphHost, f: TensorFunction, inputs: tf.Tensor[]): Float32Array[] {
  const compiled = compile(h, f, inputs);
  const outputs = compiled(...inputs);
  const found = outputs.map((output) => output.dataSync<'float32'>());
  tf.dispose(outputs);
  compiled.dispose();
  return found;
}

/** ||a - b|| / ||b||. */
function relative(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [difference, size] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    size += b[i]! ** 2;
  }
  expect(size).toBeGreaterThan(0);
  return Math.sqrt(difference / size);
}

function compare(f: TensorFunction, inputs: tf.Tensor[]): number[] {
  const [single, double] = [on(host, f, inputs), on(wide, f, inputs)];
  return single.map((values, i) => relative(values, double[i]!));
}

describe('float32 against float64', () => {
  test('is another computation', () => {
    const f: TensorFunction = (x) => [tf.sum(tf.square(x))];
    const [difference] = compare(f, [images]);
    expect(difference).toBeGreaterThan(0);
    expect(difference).toBeLessThan(1e-5);
  });

  test('logits and input gradients agree to 1e-5', () => {
    const f: TensorFunction = (...inputs) => {
      const [w, [x, y]] = [inputs.slice(0, n), inputs.slice(n) as [tf.Tensor, tf.Tensor]];
      return [model.apply(w, x), imageGradient(model, w, y)(x)];
    };
    for (const error of compare(f, [...weights, images, labels])) {
      expect(error).toBeLessThan(1e-5);
    }
  });

  test('PGD without a random start ends in the same predictions on 99.9 % of the images', () => {
    const f: TensorFunction = (...inputs) => {
      const [w, [x, y]] = [inputs.slice(0, n), inputs.slice(n) as [tf.Tensor, tf.Tensor]];
      const attacked = ascend(imageGradient(model, w, y), x, linf, {
        epsilon: tf.scalar(0.1),
        stepSize: tf.scalar(0.02),
        steps: 10,
        startSeed: null,
      });
      return [tf.argMax(model.apply(w, attacked), 1).toFloat()];
    };
    const inputs = [...weights, images, labels];
    const [single, double] = [on(host, f, inputs)[0]!, on(wide, f, inputs)[0]!];
    const same = single.filter((prediction, i) => prediction === double[i]).length;
    expect(same / count).toBeGreaterThanOrEqual(0.999);
  });

  test('the loss along a curve agrees to 1e-5', () => {
    const other = toTensors(model.parameters, model.initial(stream(2, 'init', 0)));
    const f: TensorFunction = (...inputs) => {
      const [a, b] = [inputs.slice(0, n), inputs.slice(n, 2 * n)];
      const [x, y] = inputs.slice(2 * n) as [tf.Tensor, tf.Tensor];
      const batch = { images: x, labels: y, weights: tf.ones([count]) };
      const losses = [0.1, 0.5, 0.8].map((t) => {
        const mixed = a.map((w, i) => tf.add(tf.mul(w, 1 - t), tf.mul(b[i]!, t)));
        return tf.add(batchNll(model, mixed, batch), tf.mul(squaredNorm(mixed), 2.5e-4));
      });
      return losses.map((loss) => loss.reshape([1]));
    };
    for (const error of compare(f, [...weights, ...other, images, labels])) {
      expect(error).toBeLessThan(1e-5);
    }
    tf.dispose(other);
  });

  test('Hessian products in the weights and the images agree to 1e-5', () => {
    const direction = (shape: number[], seed: number) => {
      const size = shape.reduce((a, b) => a * b, 1);
      return tf.tensor(Float32Array.from(normals(stream(seed, 'probe', 0), size)), shape);
    };
    const selection = [tf.range(0, 128, 1, 'int32'), tf.ones([128])];
    const directions = model.parameters.map(({ shape }, i) => direction([...shape], i));
    const ofWeights = parameterProductGraph(model, data, 128);
    const ofImages = imageProductGraph(model, data, 128);
    const part = [tf.slice(images, 0, 128), tf.slice(labels, 0, 128)];
    const v = direction([128, 28, 28, 1], 99);
    const products = (h: GraphHost) => {
      const [f, g] = [compileGraph(h, ofWeights), compileGraph(h, ofImages)];
      const results = [
        ...f(...weights, data.pixels, data.labels, ...selection, ...directions),
        ...g(...weights, ...part, v),
      ];
      const found = results.map((r) => r.dataSync<'float32'>());
      tf.dispose(results);
      f.dispose();
      g.dispose();
      return found;
    };
    const [single, double] = [products(host), products(wide)];
    single.forEach((values, i) => expect(relative(values, double[i]!)).toBeLessThan(1e-5));
    tf.dispose([...selection, ...directions, ...part, v]);
  });

  test('the largest eigenvalue of each image agrees to 1e-4', () => {
    const eigenvalues = (h: GraphHost): number[] => {
      const hessian = createInputHessian(h, model, data, 8);
      const blocks = hessian.blocks(weights, 0);
      const found = Array.from({ length: 8 }, (_, i) => {
        const matvec = (x: Float64Array): Float64Array =>
          blocks.matvecs(Array.from({ length: 8 }, (_unused, k) => (k === i ? x : null)))[i]!;
        const start = normals(stream(i, 'lanczos-start', 0), hessian.size);
        const options = { maxSteps: 60, tolerance: 1e-6 };
        return largestEigenvalue({ size: hessian.size, matvec }, start, options).eigenvalue;
      });
      blocks.dispose();
      hessian.dispose();
      return found;
    };
    const [single, double] = [eigenvalues(host), eigenvalues(wide)];
    single.forEach((value, i) => expect(Math.abs(value / double[i]! - 1)).toBeLessThan(1e-4));
  });
});
