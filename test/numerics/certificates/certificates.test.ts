// Certificates: the published 2x2 example, interval propagation as a special case, and bounds that samples never leave.
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { CertificateMethod } from '../../../experiment/catalogue/certificate-methods.js';
import type { LayerRecord } from '../../../experiment/catalogue/models/layer-records.js';
import { implicitBox, solvedBox } from '../../../numerics/certificates/implicit-box.js';
import { intervalForward } from '../../../numerics/certificates/layer-rules.js';
import { lipschitzConstant } from '../../../numerics/certificates/lipschitz.js';
import { marginBounds } from '../../../numerics/certificates/margin-bounds.js';
import { compile } from '../../../numerics/graph/compile.js';
import { matrixMeasure } from '../../../numerics/implicit/parametrisation.js';
import { network } from '../../../numerics/models/network.js';
import { toTensors } from '../../../numerics/models/parameters.js';
import { stream } from '../../../numerics/random.js';
import { difference, expectNoLeaks, host, values } from '../engine.js';
import { float64Host } from '../float64.js';

expectNoLeaks();

/** Exact fractions as a tensor that a float64 graph computes in float64. */
const over = (numerators: number[], denominator: number): tf.Tensor =>
  tf.div(tf.tensor1d(numerators), denominator);

describe('the published example (Jafarpour et al. 2022, section 5.1)', () => {
  const matrix = [-0.25, -0.25, 0.75, -0.25];
  const input = [0.5, 1, 1, 0.5];

  /** Bounds of x for u in [0, 1/3] x [1, 2]; `steps` of the iteration. */
  function bounds(a: tf.Tensor, steps: number) {
    const b = tf.tensor2d(input, [2, 2]);
    // B is not negative: its box is that of both corners.
    const at = (u: tf.Tensor) => tf.matMul<tf.Tensor>(tf.reshape(u, [1, 2]), b, false, true);
    const entering = { lower: at(over([0, 3], 3)), upper: at(over([1, 6], 3)) };
    const layer = { activation: 'relu', iterations: steps } as const;
    return implicitBox({ layer, matrix: a, d: tf.ones([2]), entering });
  }

  test('has the mixed-monotone box [13/33, 53/33] x [7/11, 67/33], to 1e-9', () => {
    // The difference is formed, and enlarged, where numbers have 53 bits.
    const f = (a: tf.Tensor) => {
      const { lower, upper } = bounds(a, 120);
      const [low, high] = [over([13, 21], 33), over([53, 67], 33)];
      return [tf.mul(tf.sub(lower, low), 1e6), tf.mul(tf.sub(upper, high), 1e6)];
    };
    const a = tf.tensor2d(matrix, [2, 2]);
    const compiled = compile(float64Host(host), f, [a]);
    const apart = compiled(a);
    for (const side of apart) {
      for (const value of values(side)) expect(Math.abs(value)).toBeLessThan(1e-3);
    }
    compiled.dispose();
    tf.dispose([a, ...apart]);
  });

  test('counted twice, as printed for interval propagation, the diagonal gives another box', () => {
    tf.tidy(() => {
      const doubled = tf.tensor2d(
        matrix.map((v, i) => (i % 3 === 0 ? 2 * v : v)),
        [2, 2],
      );
      const { lower } = bounds(doubled, 200);
      expect(difference(lower, [13 / 33, 7 / 11])).toBeGreaterThan(0.01);
    });
  });

  test('has μ = 1/2 and the Lipschitz constant 3', () => {
    tf.tidy(() => {
      const [a, d] = [tf.tensor2d(matrix, [2, 2]), tf.ones([2])];
      expect(values(matrixMeasure(a, d))[0]).toBeCloseTo(0.5, 6);
      const weights = { input: tf.tensor2d(input, [2, 2]), output: tf.eye(2) };
      const constant = lipschitzConstant({ ...weights, matrix: a, d, perPixel: 1 });
      expect(values(constant)[0]).toBeCloseTo(3, 5);
    });
  });

  test('has a box around the exact hull [9/14, 19/14] x [11/14, 79/42], after any number of steps', () => {
    for (const steps of [1, 2, 3, 5, 10, 40]) {
      tf.tidy(() => {
        const { lower, upper } = bounds(tf.tensor2d(matrix, [2, 2]), steps);
        values(lower).forEach((v, i) => expect(v).toBeLessThan([9 / 14, 11 / 14][i]!));
        values(upper).forEach((v, i) => expect(v).toBeGreaterThan([19 / 14, 79 / 42][i]!));
      });
    }
  });

  test('has no such box before the iteration has converged without the residual', () => {
    tf.tidy(() => {
      const a = tf.tensor2d(matrix, [2, 2]);
      const entering = { lower: tf.tensor2d([[1, 0.5]]), upper: tf.tensor2d([[13 / 6, 4 / 3]]) };
      const layer = { activation: 'relu', iterations: 1 } as const;
      const { upper } = solvedBox({ layer, matrix: a, d: tf.ones([2]), entering });
      expect(values(upper)[1]).toBeLessThan(79 / 42);
    });
  });
});

const shape = [3, 3, 1] as const;
const classes = 3;
const initial = 'he-normal';
const implicit: readonly LayerRecord[] = [
  { kind: 'normalise', mean: [0.4], deviation: [0.5] },
  { kind: 'flatten' },
  { kind: 'implicit', name: 'implicit1', units: 6 },
  { kind: 'dense', name: 'fc1', units: 'classes', initial },
];
const convolutional: readonly LayerRecord[] = [
  { kind: 'convolution', name: 'conv1', filters: 4, size: 3, initial },
  { kind: 'batch-norm', name: 'bn1' },
  { kind: 'tanh' },
  {
    kind: 'residual',
    name: 'block',
    branch: [{ kind: 'convolution', name: 'conv', filters: 4, size: 3, initial }, { kind: 'relu' }],
  },
  { kind: 'max-pool', size: 2, stride: 1 },
  { kind: 'leaky-relu' },
  { kind: 'average-pool', size: 2, stride: 1 },
  { kind: 'pad-channels', before: 1, after: 0 },
  { kind: 'softplus' },
  { kind: 'global-average-pool' },
  { kind: 'dense', name: 'fc1', units: 'classes', initial },
];

/** A random network of these layers; its couplings are large enough to matter. */
function randomNetwork(layers: readonly LayerRecord[], seed: number) {
  const model = network({ name: 'test', layers, shape, classes });
  const drawn = model.initial(stream(seed, 'init', 0));
  for (const [name, array] of drawn) {
    if (name.endsWith('coupling')) array.forEach((value, i) => (array[i] = 8 * value));
    if (name.endsWith('scaling')) array.forEach((_, i) => (array[i] = 0.2 * Math.sin(i + seed)));
  }
  const parameters = toTensors(model.parameters, drawn);
  const statistics = (model.statistics ?? []).map(({ start, shape: size }, i) =>
    tf.fill([...size], start + 0.1 * i),
  );
  const weights = [...parameters, ...statistics];
  const names = [...model.parameters, ...(model.statistics ?? [])].map(({ name }) => name);
  const weight = (name: string) => weights[names.indexOf(name)]!;
  return { model, weights, pass: { weight } };
}

const count = 8;
const seeds = Array.from({ length: 60 }, (_, i) => i + 1);
const pixels = (seed: number) => tf.randomUniform([count, ...shape], 0, 1, 'float32', seed);

describe.each([
  ['implicit', implicit],
  ['convolutional', convolutional],
] as const)('boxes of the %s network', (_name, layers) => {
  test('hold the logits of samples and of corners, and points are their own boxes', () => {
    for (const seed of seeds.slice(0, 4)) {
      tf.tidy(() => {
        const { model, weights, pass } = randomNetwork(layers, seed);
        const images = pixels(seed);
        const box = { lower: tf.sub(images, 0.1), upper: tf.add(images, 0.1) };
        const { lower, upper } = intervalForward(layers, box, pass);
        for (let draw = 0; draw < 40; draw++) {
          const moves = tf.randomUniform(images.shape, -0.1, 0.1, 'float32', 100 + draw);
          const moved = draw % 2 === 0 ? moves : tf.mul(tf.sign(moves), 0.1);
          const logits = model.apply(weights, tf.add(images, moved));
          // Ties and rounding: 1e-5 of values of about 1.
          expect(values(tf.min(tf.sub(logits, lower)))[0]).toBeGreaterThan(-1e-5);
          expect(values(tf.min(tf.sub(upper, logits)))[0]).toBeGreaterThan(-1e-5);
        }
        const point = intervalForward(layers, { lower: images, upper: images }, pass);
        expect(difference(point.lower, model.apply(weights, images))).toBeLessThan(1e-4);
        expect(difference(point.upper, point.lower)).toBeLessThan(1e-4);
      });
    }
  });

  test('of a box within a box lie within it', () => {
    for (const seed of seeds.slice(0, 10)) {
      tf.tidy(() => {
        const { pass } = randomNetwork(layers, seed);
        const images = pixels(seed);
        const at = (r: number) =>
          intervalForward(layers, { lower: tf.sub(images, r), upper: tf.add(images, r) }, pass);
        const [inner, outer] = [at(0.03), at(0.1)];
        expect(values(tf.min(tf.sub(inner.lower, outer.lower)))[0]).toBeGreaterThan(-1e-5);
        expect(values(tf.min(tf.sub(outer.upper, inner.upper)))[0]).toBeGreaterThan(-1e-5);
      });
    }
  });
});

test('a coupling without cycles gives the box of interval propagation through its units in order', () => {
  tf.tidy(() => {
    const n = 4;
    const lowerTriangle = tf.tensor2d(
      Array.from({ length: n * n }, (_, k) => (k % n < Math.floor(k / n) ? Math.sin(3 * k) : 0)),
      [n, n],
    );
    const entering = {
      lower: tf.tensor2d([[-0.5, 0, 0.2, -1]]),
      upper: tf.tensor2d([[1, 0.3, 0.4, 2]]),
    };
    const layer = { iterations: n + 1 };
    // Every measure below 1 serves; without cycles one exists in some norm.
    const d = tf.tensor1d([1, 1e-1, 1e-2, 1e-3]);
    const { lower, upper } = implicitBox({ layer, matrix: lowerTriangle, d, entering });
    const a = values(lowerTriangle);
    const [low, high]: [number[], number[]] = [[], []];
    for (let i = 0; i < n; i++) {
      let [from, to] = [values(entering.lower)[i]!, values(entering.upper)[i]!];
      for (let j = 0; j < i; j++) {
        const ends = [a[i * n + j]! * low[j]!, a[i * n + j]! * high[j]!];
        from += Math.min(...ends);
        to += Math.max(...ends);
      }
      low.push(Math.max(0, from));
      high.push(Math.max(0, to));
    }
    expect(difference(lower, low)).toBeLessThan(1e-4);
    expect(difference(upper, high)).toBeLessThan(1e-4);
  });
});

/** By method, the bounds of the margins of images labelled as the network classifies them. */
function bounds(seed: number, epsilon: number, methods: readonly CertificateMethod[]) {
  const { model, weights, pass } = randomNetwork(implicit, seed);
  const images = pixels(seed);
  const labels = tf.oneHot(tf.argMax(model.apply(weights, images), 1).toInt(), classes).toFloat();
  const batch = { images, labels, epsilon: tf.scalar(epsilon) };
  return marginBounds({ layers: implicit, pass }, batch, methods).map(values);
}

test('Lipschitz, box and relative bounds are in this order, image by image', () => {
  let better = 0;
  for (const seed of seeds) {
    tf.tidy(() => {
      const [lipschitz, box, relative] = bounds(seed, 0.02, ['lipschitz', 'box', 'relative']);
      box!.forEach((value, i) => {
        expect(value).toBeGreaterThan(lipschitz![i]! - 1e-4);
        expect(relative![i]).toBeGreaterThan(value - 1e-4);
        if (relative![i]! > value + 1e-3) better += 1;
      });
    });
  }
  expect(better).toBeGreaterThan(100);
});

test('bounds fall with the radius, and at 0 they are the margins', () => {
  tf.tidy(() => {
    const radii = [0, 0.01, 0.03, 0.1].map((epsilon) => bounds(5, epsilon, ['relative'])[0]!);
    radii.slice(1).forEach((now, k) => {
      now.forEach((value, i) => expect(value).toBeLessThan(radii[k]![i]! + 1e-5));
    });
    const { model, weights } = randomNetwork(implicit, 5);
    const logits = model.apply(weights, pixels(5));
    const { values: top } = tf.topk(logits, 2);
    const margin = values(top.slice([0, 0], [count, 1]).sub(top.slice([0, 1], [count, 1])));
    expect(difference(radii[0]!, margin)).toBeLessThan(1e-4);
  });
});
