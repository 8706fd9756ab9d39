/** Relaxed weights: the segment, its proximal problem, and the schedule; broken variants fail the same checks. */
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { quantise } from '../../../numerics/quantisation/quantisers.js';
import {
  relaxationWeight,
  relaxed,
  segmentPosition,
} from '../../../numerics/quantisation/relaxation.js';
import { difference, expectNoLeaks, values } from '../engine.js';

expectNoLeaks();
const binary = { grid: { scheme: 'binary' }, per: 'tensor' } as const;

function parts(eta: number) {
  return tf.tidy(() => {
    const v = tf.randomNormal([40], 0, 1, 'float32', 5);
    const q = quantise(v, binary);
    const seen = relaxed(v, q, tf.scalar(segmentPosition(eta)));
    return { v: values(v), q: values(q), seen: values(seen) };
  });
}

describe('relaxed weights', () => {
  test('are the float ones at η = 0, the quantised ones at η = ∞, bit for bit', () => {
    const [none, all] = [parts(0), parts(Infinity)];
    expect(none.seen).toEqual(none.v);
    expect(all.seen).toEqual(all.q);
  });

  test.each([0.3, 1, 17, 332])('at η = %d are (η Q(V) + V) / (1 + η)', (eta) => {
    const { v, q, seen } = parts(eta);
    const expected = v.map((x, i) => (eta * q[i]! + x) / (1 + eta));
    expect(difference(seen, expected)).toBeLessThan(1e-6);
    const broken = v.map((x, i) => (eta * q[i]! + x) / (2 + eta));
    expect(difference(seen, broken)).toBeGreaterThan(1e-3);
  });

  test.each([0.3, 1, 17])('at η = %d minimise ½ ‖W - V‖² + ½ η ‖W - Q(V)‖²', (eta) => {
    const { v, q, seen } = parts(eta);
    const objective = (w: readonly number[]) =>
      w.reduce((sum, x, i) => sum + (x - v[i]!) ** 2 / 2 + (eta * (x - q[i]!) ** 2) / 2, 0);
    const least = objective(seen);
    for (const shift of [-1e-2, 1e-2]) {
      for (let i = 0; i < seen.length; i++) {
        const moved = seen.map((x, j) => (j === i ? x + shift : x));
        expect(objective(moved)).toBeGreaterThan(least);
      }
    }
    // The other end of the segment does not.
    expect(objective(v)).toBeGreaterThan(least + 1e-3);
  });
});

describe('the schedule', () => {
  const relaxation = { start: 1, growth: 1.05, hard: 0.6 };

  test('is that of the published code: 1 at first, 332 in epoch 119 of 200, then ∞', () => {
    const at = (epoch: number) => relaxationWeight({ relaxation }, 391 * epoch, 391 * 200, 391);
    expect(at(0)).toBe(1);
    expect(at(1)).toBeCloseTo(1.05, 12);
    expect(Math.round(at(119))).toBe(332);
    expect(at(120)).toBe(Infinity);
    expect(at(199)).toBe(Infinity);
    const within = relaxationWeight({ relaxation }, 391 * 2 - 1, 391 * 200, 391);
    expect(within).toBeCloseTo(1.05, 12);
  });

  test('counts passes over the images where an epoch is no whole number of steps', () => {
    const perEpoch = 100 / 30;
    const epochs = [0, 1, 2, 3, 4, 6, 7, 10].map((step) =>
      Math.log(relaxationWeight({ relaxation }, step, 1000, perEpoch)) / Math.log(1.05),
    ); // prettier-ignore
    expect(epochs.map(Math.round)).toEqual([0, 0, 0, 0, 1, 1, 2, 3]);
  });

  test('without relaxation is quantised from the first step on', () => {
    expect(relaxationWeight({}, 0, 10, 5)).toBe(Infinity);
    expect(segmentPosition(Infinity)).toBe(1);
  });
});
