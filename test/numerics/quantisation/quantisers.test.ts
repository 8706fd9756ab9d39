/** Quantisers against enumeration, closed forms and exact laws of Gaussian weights; broken variants fail the same checks. */
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { Quantiser } from '../../../experiment/specs/quantisation.js';
import { quantise } from '../../../numerics/quantisation/quantisers.js';
import { difference, expectNoLeaks, values } from '../engine.js';

expectNoLeaks();

const grids = {
  binary: { scheme: 'binary' },
  exact: { scheme: 'ternary', variant: 'exact' },
  twn: { scheme: 'ternary', variant: 'twn' },
  published: { scheme: 'ternary', variant: 'published' },
  '2-bit': { scheme: 'uniform', bits: 2 },
  '4-bit': { scheme: 'uniform', bits: 4 },
  '8-bit': { scheme: 'uniform', bits: 8 },
} as const satisfies Record<string, Quantiser['grid']>;
type Name = keyof typeof grids;
const names = Object.keys(grids) as Name[];
const leastSquares = names.filter((name) => name !== 'published');

function normal(count: number, seed: number): number[] {
  return tf.tidy(() => values(tf.randomNormal([count], 0, 1, 'float32', seed)));
}

function quantised(v: readonly number[], name: Name): number[] {
  return tf.tidy(() => values(quantise(tf.tensor1d([...v]), { grid: grids[name], per: 'tensor' })));
}

const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, x, i) => sum + x * b[i]!, 0);
const squaredError = (v: readonly number[], q: readonly number[]) =>
  v.reduce((sum, x, i) => sum + (x - q[i]!) ** 2, 0);
const relative = (v: readonly number[], q: readonly number[]) => squaredError(v, q) / dot(v, v);

/** The least ‖v - a s‖² over a and all s with entries among `digits`. */
function enumerated(v: readonly number[], digits: readonly number[]): number {
  const squared = dot(v, v);
  let least = squared;
  for (let code = 0; code < digits.length ** v.length; code++) {
    let [rest, along, norm] = [code, 0, 0];
    for (const x of v) {
      const s = digits[rest % digits.length]!;
      rest = Math.floor(rest / digits.length);
      along += x * s;
      norm += s * s;
    }
    if (norm > 0) least = Math.min(least, squared - along ** 2 / norm);
  }
  return least;
}

describe('by enumeration', () => {
  const cases = [
    ...[1, 2, 3, 4, 5, 6, 7, 8].map((seed) => normal(7, seed)),
    normal(12, 9),
    [3, 3, 3, 1, -1, 0.2, 0.2],
    [2, 0, 0, 0, 0, 0, 0],
  ];

  test('exact ternary is the nearest of all; the threshold of 0.7 mean magnitudes is not', () => {
    const gap = (name: Name) =>
      cases.map((v) => squaredError(v, quantised(v, name)) - enumerated(v, [-1, 0, 1]));
    for (const one of gap('exact')) expect(Math.abs(one)).toBeLessThan(1e-5);
    expect(Math.max(...gap('twn'))).toBeGreaterThan(0.01);
    for (const one of gap('twn')) expect(one).toBeGreaterThan(-1e-5);
  });

  test('binary is the nearest of all, with the error ‖V‖² - n mean|V|²; another scale is not', () => {
    for (const v of cases) {
      const q = quantised(v, 'binary');
      const mean = v.reduce((sum, x) => sum + Math.abs(x), 0) / v.length;
      const least = enumerated(v, [-1, 1]);
      expect(squaredError(v, q)).toBeCloseTo(dot(v, v) - v.length * mean ** 2, 4);
      expect(Math.abs(squaredError(v, q) - least)).toBeLessThan(1e-5);
      const broken = q.map((x) => 1.1 * x);
      expect(squaredError(v, broken)).toBeGreaterThan(least + 1e-3);
    }
  });

  test('4 bits are the levels of the published intervals, a value at a time', () => {
    const v = normal(400, 3);
    const delta = Math.max(...v.map(Math.abs)) / 15;
    const level = (x: number) => {
      const upTo = [1, 3, 5, 7, 9, 11, 13].findIndex((edge) => Math.abs(x) <= edge * delta);
      return Math.sign(x) * (upTo < 0 ? 7 : upTo);
    };
    const levels = v.map(level);
    const scale = dot(v, levels) / dot(levels, levels);
    expect(new Set(levels.map(Math.abs)).size).toBe(8);
    expect(difference(quantised(v, '4-bit'), levels.map((j) => scale * j))).toBeLessThan(1e-5); // prettier-ignore
    expect(difference(quantised(v, '8-bit'), levels.map((j) => scale * j))).toBeGreaterThan(0.01); // prettier-ignore
  });

  test('k bits have 2^k - 1 values around 0', () => {
    for (const bits of [2, 3, 4, 5, 6, 7, 8]) {
      const v = Array.from({ length: 4001 }, (_, i) => i / 2000 - 1);
      const grid = { scheme: 'uniform', bits } as const;
      const q = tf.tidy(() => values(quantise(tf.tensor1d(v), { grid, per: 'tensor' })));
      expect(new Set(q.map((x) => x + 0)).size).toBe(2 ** bits - 1);
    }
  });
});

describe('of a Gaussian tensor', () => {
  const v = normal(200_000, 11);

  test('relative errors are those of the exact laws', () => {
    const error = (name: Name) => relative(v, quantised(v, name));
    expect(error('binary')).toBeCloseTo(1 - 2 / Math.PI, 2);
    expect(error('exact')).toBeCloseTo(0.19, 2);
    expect(error('twn')).toBeCloseTo(0.192, 2);
    expect(error('published')).toBeCloseTo(0.337, 2);
    expect(error('exact')).toBeLessThan(error('twn'));
  });

  test('exact ternary keeps 0.540 above 0.612 σ at a scale of 1.224 σ', () => {
    const q = quantised(v, 'exact');
    const kept = v.filter((_, i) => q[i] !== 0).map(Math.abs);
    expect(kept.length / v.length).toBeCloseTo(0.54, 2);
    expect(kept.reduce((least, x) => Math.min(least, x), Infinity)).toBeCloseTo(0.612, 1);
    expect(Math.max(...q.slice(0, 100))).toBeCloseTo(1.224, 1);
  });
});

describe.each(names)('%s', (name) => {
  const v = [...normal(60, 21), 0, 0];
  const q = quantised(v, name);

  test('Q(cV) = c Q(V), Q(-V) = -Q(V), and it does not see an order', () => {
    const scaled = quantised(v.map((x) => 8 * x), name); // prettier-ignore
    expect(difference(scaled, q.map((x) => 8 * x))).toBe(0); // prettier-ignore
    const mirrored = quantised(v.map((x) => -x), name); // prettier-ignore
    const isOdd = (x: number, i: number) => v[i] === 0 || x === -q[i]!;
    expect(mirrored.every(isOdd)).toBe(true);
    const reversed = quantised([...v].reverse(), name);
    // Other orders of addition.
    expect(difference([...reversed].reverse(), q)).toBeLessThan(1e-5);
  });

  test('keeps zeros, binary as the positive value', () => {
    const zeros = q.slice(-2);
    if (name === 'binary') expect(zeros).toEqual([Math.max(...q), Math.max(...q)]);
    else expect(zeros.map(Math.abs)).toEqual([0, 0]);
    const none = quantised([0, 0, 0], name).map(Math.abs);
    expect(none).toEqual([0, 0, 0]);
  });

  test('of channels is that of each output channel by itself', () => {
    const shape = [3, 5, 4];
    const w = normal(60, 22);
    const grid = grids[name];
    const both = tf.tidy(() => {
      const whole = quantise(tf.tensor(w, shape), { grid, per: 'channel' });
      const alone = [0, 1, 2, 3].map((channel) => {
        const own = w.filter((_, i) => i % 4 === channel);
        return values(quantise(tf.tensor1d(own), { grid, per: 'tensor' }));
      });
      return { whole: values(whole), alone };
    });
    const expected = w.map((_, i) => both.alone[i % 4]![Math.floor(i / 4)]!);
    expect(difference(both.whole, expected)).toBeLessThan(1e-5);
    const together = tf.tidy(() => values(quantise(tf.tensor(w, shape), { grid, per: 'tensor' })));
    expect(difference(together, expected)).toBeGreaterThan(1e-3);
  });
});

describe.each(leastSquares)('%s, whose scale is least squares,', (name) => {
  const v = normal(60, 31);

  test('leaves an error orthogonal to what it gives; a smaller scale does not', () => {
    const q = quantised(v, name);
    const product = (of: readonly number[]) => dot(v.map((x, i) => x - of[i]!), of) / dot(v, v); // prettier-ignore
    expect(Math.abs(product(q))).toBeLessThan(1e-6);
    expect(Math.abs(product(q.map((x) => 0.9 * x)))).toBeGreaterThan(1e-2);
  });

  test('leaves what it gives as it is', () => {
    const q = quantised(v, name);
    expect(difference(quantised(q, name), q)).toBeLessThan(1e-6);
  });
});

test('published ternary shrinks at every application by the share that it keeps', () => {
  const v = normal(60, 31);
  const once = quantised(v, 'published');
  const twice = quantised(once, 'published');
  const share = once.filter((x) => x !== 0).length / once.length;
  expect(share).toBeLessThan(0.8);
  expect(difference(twice, once.map((x) => share * x))).toBeLessThan(1e-6); // prettier-ignore
  expect(Math.abs(dot(v.map((x, i) => x - once[i]!), once))).toBeGreaterThan(1); // prettier-ignore
});

test('a Lloyd step from 4 bits, the nearest levels at that scale, never raises the error', () => {
  for (const seed of [41, 42, 43, 44, 45]) {
    const v = normal(500, seed);
    const q = quantised(v, '4-bit');
    const scale = Math.min(...q.map(Math.abs).filter((x) => x > 0));
    const assigned = v.map((x) => Math.sign(x) * Math.min(7, Math.round(Math.abs(x) / scale)));
    const again = dot(v, assigned) / dot(assigned, assigned);
    const errors = [
      squaredError(v, q),
      squaredError(v, assigned.map((j) => scale * j)), // prettier-ignore
      squaredError(v, assigned.map((j) => again * j)), // prettier-ignore
    ];
    expect(errors[1]!).toBeLessThanOrEqual(errors[0]! + 1e-6);
    expect(errors[2]!).toBeLessThanOrEqual(errors[1]! + 1e-6);
    // A step to other levels than the nearest does.
    const worse = assigned.map((j) => scale * (Math.abs(j) < 7 ? j + 1 : j));
    expect(squaredError(v, worse)).toBeGreaterThan(errors[0]!);
  }
});
