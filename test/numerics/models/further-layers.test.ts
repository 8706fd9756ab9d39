/** Layers beside those of the paper's networks: values by hand, and exact second derivatives. */
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import type { LayerRecord } from '../../../experiment/catalogue/models/layer-records.js';
import { compile } from '../../../numerics/graph/compile.js';
import { network } from '../../../numerics/models/network.js';
import { toTensors } from '../../../numerics/models/parameters.js';
import { stream } from '../../../numerics/random.js';
import { difference, expectNoLeaks, host, values } from '../engine.js';
import { pushforward, random } from '../graph/forward-mode.js';

expectNoLeaks();

/** The layer's output for one image [height, width, channels]. */
function applied(layer: LayerRecord, shape: [number, number, number], pixels: number[]) {
  return tf.tidy(() => {
    const model = network({ name: 'mlp', layers: [layer], shape, classes: 2 });
    const y = model.apply([], tf.tensor(pixels, [1, ...shape]));
    return { shape: y.shape.slice(1), values: values(y) };
  });
}

test('leaky ReLU, softplus and tanh are those functions', () => {
  const x = [-2, -0.5, 0, 3];
  const one = (layer: LayerRecord) => applied(layer, [1, 4, 1], x).values;
  expect(one({ kind: 'leaky-relu' })).toEqual([-0.02, -0.005, 0, 3].map(Math.fround));
  expect(one({ kind: 'leaky-relu', slope: 0.5 })).toEqual([-1, -0.25, 0, 3]);
  const softplus = x.map((v) => Math.log1p(Math.exp(v)));
  expect(difference(one({ kind: 'softplus' }), softplus)).toBeLessThan(3e-7);
  expect(difference(one({ kind: 'tanh' }), x.map(Math.tanh))).toBeLessThan(2e-7);
});

test('average pooling is the mean of each window; of size 1 it takes every second pixel', () => {
  const pixels = [...Array(15).keys()];
  expect(applied({ kind: 'average-pool', size: 2, stride: 2 }, [3, 5, 1], pixels)).toEqual({
    shape: [1, 2, 1],
    values: [3, 5],
  });
  expect(applied({ kind: 'average-pool', size: 1, stride: 2 }, [3, 5, 1], pixels)).toEqual({
    shape: [2, 3, 1],
    values: [0, 2, 4, 10, 12, 14],
  });
});

test('channels of zeros stand before and after, and images are normalised by channel', () => {
  const padded = applied({ kind: 'pad-channels', before: 1, after: 2 }, [1, 2, 1], [5, 6]);
  expect(padded).toEqual({ shape: [1, 2, 4], values: [0, 5, 0, 0, 0, 6, 0, 0] });
  const normalise = { kind: 'normalise', mean: [1, 2], deviation: [2, 4] } as const;
  expect(applied(normalise, [1, 2, 2], [3, 4, 1, 0]).values).toEqual([1, 0.5, 0, -0.5]);
  const grey = () => applied(normalise, [1, 2, 1], [3, 4]);
  expect(grey).toThrow('normalise has 2 means and 2 deviations for 1 channels');
});

const initial = 'he-normal';
const smooth: readonly LayerRecord[] = [
  { kind: 'normalise', mean: [0.4, 0.5], deviation: [0.2, 0.3] },
  { kind: 'convolution', name: 'conv', filters: 4, size: 3, initial },
  { kind: 'softplus' },
  {
    kind: 'residual',
    name: 'block',
    branch: [
      { kind: 'convolution', name: 'conv', filters: 8, size: 3, stride: 2, initial },
      { kind: 'tanh' },
    ],
    shortcut: [
      { kind: 'average-pool', size: 1, stride: 2 },
      { kind: 'pad-channels', before: 2, after: 2 },
    ],
  },
  { kind: 'leaky-relu', slope: 0.1 },
  { kind: 'average-pool', size: 2, stride: 2 },
  { kind: 'flatten' },
  { kind: 'dense', name: 'fc', units: 'classes', initial },
];

test('a network of all of them has exact Hessian products: differences of its gradients', () => {
  const model = network({ name: 'mlp', layers: smooth, shape: [8, 8, 2], classes: 3 });
  const weights = toTensors(model.parameters, model.initial(stream(1, 'init', 0)));
  const x = tf.tidy(() => tf.add(tf.mul(random([2, 8, 8, 2], 4), 0.1), 0.5));
  const v = random([2, 8, 8, 2], 5);
  const gradient = (images: tf.Tensor): tf.Tensor[] => [
    tf.grad((image) => tf.sum(tf.square(model.apply(weights, image))))(images),
  ];
  const [product] = pushforward(gradient, [x], [v]);
  const compiled = compile(host, gradient, [x]);
  const h = 1e-3;
  const at = (step: number): tf.Tensor => compiled(tf.add(x, tf.mul(v, step)))[0]!;
  const expected = tf.tidy(() => tf.div(tf.sub(at(h), at(-h)), 2 * h));
  const scale = tf.tidy(() => tf.max(tf.abs(expected)).dataSync()[0]!);
  // Differences of float32 gradients: rounding 1e-7 / h, curvature h².
  expect(difference(product!, expected) / scale).toBeLessThan(5e-3);
  expect(scale).toBeGreaterThan(1);
  compiled.dispose();
  tf.dispose([...weights, x, v, product!, expected]);
});
