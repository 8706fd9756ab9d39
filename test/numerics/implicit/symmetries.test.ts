// Symmetries of implicit networks: logits and certificates stay, and mixtures behave as the symmetry promises.
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { implicitSites, unmixable } from '../../../experiment/catalogue/models/implicit-sites.js';
import type {
  ImplicitActivation,
  LayerRecord,
} from '../../../experiment/catalogue/models/layer-records.js';
import { marginBounds } from '../../../numerics/certificates/margin-bounds.js';
import { curvePoint } from '../../../numerics/curves/curve.js';
import { coordinatesFor } from '../../../numerics/curves/implicit-coordinates.js';
import { couplingMatrix, matrixMeasure } from '../../../numerics/implicit/parametrisation.js';
import {
  fromCoupling,
  toCoupling,
  withoutScaling,
  withoutSigns,
  type Values,
} from '../../../numerics/implicit/symmetries.js';
import { couplingNetwork } from '../../../numerics/models/coupling-network.js';
import { network } from '../../../numerics/models/network.js';
import { toTensors } from '../../../numerics/models/parameters.js';
import { normals, stream } from '../../../numerics/random.js';
import { expectNoLeaks, values } from '../engine.js';

expectNoLeaks();
const units = 8;
const bound = 0.2;

const layersWith = (activation: ImplicitActivation): readonly LayerRecord[] => [
  { kind: 'flatten' },
  { kind: 'implicit', name: 'i', units, m: bound, iterations: 120, activation },
  { kind: 'dense', name: 'out', units: 'classes', initial: 'fan-in-uniform' },
];
const layers = layersWith('relu');
const form = { name: 'net', layers, shape: [3, 3, 1], classes: 4 } as const;
const model = network(form);
const sites = implicitSites(layers);

/** Weights of every size, η and a of both signs. */
function randomWeights(seed: number): Map<string, Float32Array> {
  return new Map(
    model.parameters.map(({ name, shape }, k) => {
      const size = shape.reduce((product, one) => product * one, 1);
      return [name, Float32Array.from(normals(stream(seed, 'init', k), size), (z) => 0.5 * z)];
    }),
  );
}

const images = () => tf.randomUniform([6, 3, 3, 1], 0, 1, 'float32', 4);

function logits(given: Values, of = model): number[] {
  return tf.tidy(() => [...values(of.apply(toTensors(of.parameters, given), images()))]);
}

function margins(given: Values): number[] {
  return tf.tidy(() => {
    const weights = new Map(model.parameters.map(({ name }, i) => [name, i]));
    const tensors = toTensors(model.parameters, given);
    const pass = { weight: (name: string) => tensors[weights.get(name)!]! };
    const labels = tf.oneHot(tf.tensor1d([0, 1, 2, 3, 0, 1], 'int32'), 4).toFloat();
    const batch = { images: images(), labels, epsilon: tf.scalar(0.05) };
    const found = marginBounds({ layers, pass }, batch, ['relative', 'box', 'lipschitz']);
    return found.flatMap((one) => [...values(one)]);
  });
}

function apart(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((one, i) => Math.abs(one - b[i]!)));
}

/** Weights A [units, units] in rows, and their measure in the norm of e^η. */
function measure(given: Values): number {
  return tf.tidy(() => {
    const of = (what: string) => tf.tensor1d(given.get(`i.${what}`)!);
    const coupling = tf.reshape(of('coupling'), [units, units]);
    const [scaling, damping] = [of('scaling'), of('damping')];
    const a = couplingMatrix({ coupling, scaling, damping }, bound);
    return values(matrixMeasure(a, tf.exp(scaling)))[0]!;
  });
}

describe.each([1, 2, 3])('a random network (%i) keeps its logits and its certificates', (seed) => {
  const given = randomWeights(seed);

  test('with |a| for a, exactly', () => {
    expect(logits(withoutSigns(sites, given))).toEqual(logits(given));
    expect([...given.get('i.damping')!].some((a) => a < 0)).toBe(true);
  });

  test('in the gauge of weights 1', () => {
    const fixed = withoutScaling(sites, given);
    expect([...fixed.get('i.scaling')!].every((eta) => eta === 0)).toBe(true);
    expect(apart(logits(fixed), logits(given))).toBeLessThan(2e-5);
    expect(apart(margins(fixed), margins(given))).toBeLessThan(2e-4);
    // Without the factors of the weights around it the gauge is another function.
    const half = new Map(given).set('i.scaling', new Float32Array(units));
    expect(apart(logits(half), logits(given))).toBeGreaterThan(1e-2);
  });

  test('with the coupling matrix as a weight, and back', () => {
    const coupled = toCoupling(sites, given);
    expect(apart(logits(coupled, couplingNetwork(form)), logits(given))).toBeLessThan(2e-5);
    const back = fromCoupling(sites, coupled);
    expect(apart(logits(back), logits(given))).toBeLessThan(2e-5);
    expect(apart(margins(back), margins(given))).toBeLessThan(2e-4);
    expect(measure(back)).toBeLessThan(bound + 1e-5);
  });
});

test('the gauge is none of tanh, and no network without a dense layer behind is mixed', () => {
  const smooth = network({ ...form, layers: layersWith('tanh') });
  const given = randomWeights(1);
  const fixed = withoutScaling(sites, given);
  expect(apart(logits(fixed, smooth), logits(given, smooth))).toBeGreaterThan(1e-2);
  expect(unmixable(layersWith('tanh'))).toContain('i has tanh');
  expect(unmixable(layersWith('leaky-relu'))).toBe(null);
  const bare = [layers[1]!, { kind: 'relu' } as const, layers[2]!];
  expect(unmixable(bare)).toBe('no dense layer follows i');
  expect(() => withoutScaling(implicitSites(bare), given)).toThrow('no dense layer follows i');
});

describe('half way between two ends', () => {
  /** The network at t between two ends. */
  function between(a: Values, b: Values, mixing: 'parameters' | 'coupling' | undefined, t = 0.5) {
    const { end, leave } = coordinatesFor(layers, mixing);
    return leave(curvePoint(model.parameters, 'bezier', [end(a), end(b)], t));
  }
  const given = randomWeights(5);

  test('that differ in the sign of a there is the same network, and no barrier', () => {
    const mirrored = new Map(given).set(
      'i.damping',
      given.get('i.damping')!.map((a) => -a),
    );
    for (const mixing of ['parameters', 'coupling'] as const) {
      expect(apart(logits(between(given, mirrored, mixing)), logits(given))).toBeLessThan(2e-5);
    }
    // Weights mixed as they are lose a² in the middle.
    const lost = logits(between(given, mirrored, undefined));
    expect(apart(lost, logits(given))).toBeGreaterThan(1e-2);
  });

  test('that differ in their gauge it is the same network where coupling matrices are mixed', () => {
    const gauged = withoutScaling(sites, given);
    expect(apart(logits(between(given, gauged, 'coupling')), logits(given))).toBeLessThan(2e-5);
    expect(apart(logits(between(given, gauged, 'parameters')), logits(given))).toBeGreaterThan(
      1e-2,
    );
  });

  test('the coupling matrix is the mean of those of the ends, and well-posed at every t', () => {
    const other = randomWeights(6);
    const [a, b] = [given, other].map((one) => toCoupling(sites, one).get('i.coupling')!);
    const middle = toCoupling(sites, between(given, other, 'coupling')).get('i.coupling')!;
    const mean = a!.map((one, i) => (one + b![i]!) / 2);
    expect(apart([...middle], [...mean])).toBeLessThan(1e-5);
    for (const t of [0, 0.1, 0.5, 0.9, 1]) {
      expect(measure(between(given, other, 'coupling', t))).toBeLessThan(bound + 1e-5);
      expect(measure(between(given, other, 'parameters', t))).toBeLessThan(bound + 1e-5);
    }
  });

  test('mixed in two norms at once, matrices lose what keeps them well-posed', () => {
    const excess = Array.from({ length: 10 }, (_, seed) =>
      tf.tidy(() => {
        const coupled = [2 * seed + 11, 2 * seed + 12].map((one) => {
          const free = randomWeights(one);
          const of = (what: string) => tf.mul(tf.tensor1d(free.get(`i.${what}`)!), 3);
          const coupling = tf.reshape(of('coupling'), [units, units]);
          const scaling = of('scaling');
          return couplingMatrix({ coupling, scaling, damping: of('damping') }, bound);
        });
        const middle = tf.mul(tf.add(coupled[0]!, coupled[1]!), 0.5);
        return values(matrixMeasure(middle, tf.ones([units])))[0]!;
      }),
    );
    expect(Math.max(...excess)).toBeGreaterThan(1);
  });
});
