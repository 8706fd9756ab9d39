// The parts of the l1 attacks by themselves, and APGD against the greedy solution that a linear model has.
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { apgdL1, apgdL1State } from '../../../numerics/attacks/apgd/apgd-l1.js';
import { l1Calls, type L1Call } from '../../../numerics/attacks/apgd/apgd-l1-schedule.js';
import { fab } from '../../../numerics/attacks/fab/fab.js';
import { l1 } from '../../../numerics/attacks/norms/l1.js';
import { sparseDirection } from '../../../numerics/attacks/norms/l1-step.js';
import { l1Squares } from '../../../numerics/attacks/square/square-l1.js';
import { square } from '../../../numerics/attacks/square/square.js';
import { imageDraws } from '../../../numerics/graph/draws.js';
import type { BatchUnderAttack } from '../../../numerics/attacks/procedure/model-under-attack.js';
import type { StepwiseProcedure } from '../../../numerics/attacks/procedure/procedure.js';
import { expectNoLeaks, values } from '../engine.js';
import { cases, dot, sum } from './linear-cases.js';

expectNoLeaks();

test('a sparse step moves as many pixels as it is told, none that its centre holds at a bound', () => {
  tf.tidy(() => {
    const gradient = tf.tensor4d([5, -4, 3, -2, 1, -5, 4, 3, 2, 0, 0, 0], [3, 4, 1, 1]);
    const centre = tf.tensor4d(
      [1, 0.5, 0.5, 0.5, 0.5, 0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
      [3, 4, 1, 1],
    );
    const steps = (counts: number[]) =>
      values(sparseDirection(gradient, tf.tensor1d(counts), centre));
    expect(steps([1, 1.5, 3])).toEqual([0, -1, 0, 0, 0, 0, 0.5, 0.5, 1, 0, 0, 0]);
    expect(steps([0, 100, 1]).map((v) => Math.fround(3 * v))).toEqual([
      ...[0, -3, 0, 0],
      ...[1, 0, 1, 1],
      ...[3, 0, 0, 0],
    ]);
  });
});

describe('the schedule of APGD', () => {
  const where = (steps: number, is: (call: L1Call) => boolean) =>
    l1Calls(steps).flatMap((call, i) => (is(call) ? [i] : []));

  test('has 30 of 100 steps in three times the radius, 30 in twice the radius, and looks back after every fourth', () => {
    const radii = l1Calls(100).map(({ multiple }) => multiple);
    expect(radii).toEqual([...fill(30, 3), ...fill(31, 2), ...fill(42, 1)]);
    expect(where(100, ({ move }) => move === 'shrink')).toEqual([30, 61]);
    expect(where(100, ({ move }) => move === 'leap')).toEqual([102]);
    expect(where(100, ({ isCheckpoint }) => isCheckpoint).slice(0, 9)).toEqual([
      3, 7, 11, 15, 19, 23, 27, 34, 38,
    ]);
    expect(where(100, ({ half }) => half)).toEqual([15, 46, 82]);
  });

  // A look at the point where a ball is entered took a third off the first step of the ball.
  test.each([1, 2, 3, 5, 10, 20, 24, 100])(
    'goes uphill %d times as told, and looks back only after such a step',
    (steps) => {
      expect(where(steps, ({ move }) => move === 'uphill')).toHaveLength(steps);
      expect(where(steps, ({ move, isCheckpoint }) => isCheckpoint && move !== 'uphill')).toEqual(
        [],
      );
      expect(l1Calls(steps).at(-1)).toMatchObject({ multiple: 1, move: 'leap' });
      expect(where(steps, ({ move, multiple }) => move === 'uphill' && multiple === 1)).not.toEqual(
        [],
      );
    },
  );
});

function fill(count: number, value: number): number[] {
  return Array.from({ length: count }, () => value);
}

/** z = (x · w, 0), so that class 0 is lost by as much as x · w falls. */
function linearBatch(x: number[][], w: readonly number[], side: number) {
  const images = tf.tensor4d(x.flat(), [x.length, side, side, 1]);
  const labels = tf.tensor2d(
    x.flatMap(() => [1, 0]),
    [x.length, 2],
  );
  const weight = tf.tensor2d(
    w.flatMap((v) => [v, 0]),
    [w.length, 2],
  );
  const logits = (z: tf.Tensor): tf.Tensor =>
    tf.matMul(tf.reshape<tf.Rank.R2>(z, [x.length, -1]), weight);
  return { images, labels, logits, networks: [logits] };
}

/** The least x · w in ball and box: the largest |w| first, each pixel as far as it can go. */
function least(x: number[], w: readonly number[], epsilon: number): number {
  const order = [...w.keys()].sort((a, b) => Math.abs(w[b]!) - Math.abs(w[a]!));
  let [left, value] = [epsilon, dot(x, [...w])];
  for (const i of order) {
    const room = w[i]! > 0 ? x[i]! : 1 - x[i]!;
    value -= Math.abs(w[i]!) * Math.min(room, left);
    left -= Math.min(room, left);
  }
  return value;
}

/** Every state of a procedure from the first on; the last one's candidates. */
function runOn(
  batch: BatchUnderAttack,
  procedure: StepwiseProcedure,
  seed: number,
  each: (state: tf.Tensor[], step: number) => void,
) {
  const length = batch.images.shape[0];
  const drawsAt = (i: number) => {
    const seeds = Array.from({ length }, (_, image) => [seed + image, 16 * i]);
    return imageDraws(tf.tensor2d(seeds, [length, 2], 'int32'));
  };
  let state = procedure.initialise(batch, {
    draws: drawsAt(0),
    numbers: [tf.ones([length]), tf.ones([length])],
  });
  each(state, -1);
  for (let i = 0; i < procedure.steps; i++) {
    state = procedure.takeStep(batch, state, {
      ...{ draws: drawsAt(i + 1), numbers: procedure.stepInputs(i) },
    });
    each(state, i);
  }
  return procedure.candidates(batch, state);
}

describe('on linear models', () => {
  const side = 8;
  const all = cases(6, side * side);
  const { w } = all[0]!;
  const x = all.map((one) => one.x);

  // float32 sums of 64 products of numbers below 10, against float64.
  test.each([0.3, 1, 4, 12])('APGD ends at the worst case of radius %f', (epsilon) => {
    tf.tidy(() => {
      const batch = linearBatch(x, w, side);
      const procedure = apgdL1({ norm: l1(), epsilon, steps: 50, loss: { name: 'ce' } });
      const [best] = runOn(batch, procedure, 1, () => {});
      const found = values(tf.slice(batch.logits(best!), [0, 0], [-1, 1]));
      x.forEach((one, i) => {
        const worst = least(one, w, epsilon);
        expect(Math.abs(found[i]! - worst)).toBeLessThan(5e-5);
        expect(dot(one, w) - worst).toBeGreaterThan(1);
      });
    });
  });

  test('so does FAB just beyond the distance of the boundary, where pixels on the way are at their bounds', () => {
    tf.tidy(() => {
      for (const { x: one, w: v } of all) {
        // The boundary is where a radius of 4 takes the worst case; room of a pixel is at most 1.
        const offset = least(one, v, 4);
        const plain = linearBatch([one], v, side);
        const logits = (z: tf.Tensor) => tf.sub(plain.logits(z), tf.tensor2d([[offset, 0]]));
        for (const [epsilon, fooled] of [
          [4.04, 1],
          [3.96, 0],
        ] as const) {
          const procedure = fab({ norm: l1(), epsilon, steps: 30 });
          let last: tf.Tensor[] = [];
          runOn({ ...plain, networks: [logits] }, procedure, 1, (state) => (last = state));
          expect(values(procedure.misclassified!(last))).toEqual([fooled]);
        }
      }
    });
  });

  test('every point of APGD is in its ball and in the pixel range, and only the smallest ball counts', () => {
    tf.tidy(() => {
      const epsilon = 2;
      const schedule = l1Calls(20);
      // Fooled in three times the radius, standing in it.
      const plain = linearBatch([x[0]!], w, side);
      const offset = least(x[0]!, w, 1.5 * epsilon);
      const logits = (z: tf.Tensor) => tf.sub(plain.logits(z), tf.tensor2d([[offset, 0]]));
      const batch = { ...plain, logits, networks: [logits] };
      const procedure = apgdL1({ norm: l1(), epsilon, steps: 20, loss: { name: 'ce' } });
      let wasWrong = false;
      const found = runOn(batch, procedure, 3, (state, step) => {
        const { multiple } = schedule[Math.max(step, 0)]!;
        for (const image of procedure.candidates(batch, state)) {
          // Summed in float64; the projection's own sums are float32, an ulp of 6 is 5e-7.
          const length = sum(values(image).map((v, i) => Math.abs(v - x[0]![i]!)));
          expect(length).toBeLessThan(multiple * (epsilon + 1e-6));
          expect(values(tf.min(image))[0]).toBeGreaterThanOrEqual(0);
          expect(values(tf.max(image))[0]).toBeLessThanOrEqual(1);
          wasWrong ||= values(batch.logits(image))[0]! < 0;
        }
        expect(values(procedure.misclassified!(state))).toEqual([0]);
      });
      expect(wasWrong).toBe(true);
      expect(found.every((image) => values(batch.logits(image))[0]! > 0)).toBe(true);
    });
  });

  test('APGD makes its steps as sparse as its best point asks, and shorter where that has settled', () => {
    tf.tidy(() => {
      const [epsilon, steps] = [3, 50];
      const schedule = l1Calls(steps);
      const batch = linearBatch(x, w, side);
      const procedure = apgdL1({ norm: l1(), epsilon, steps, loss: { name: 'ce' } });
      const begun = { stepSize: 3 * epsilon, sparsity: 0.2 * side * side, changed: side * side };
      let before = x.map(() => begun);
      const seen = { back: 0, shorter: 0, shortest: 0 };
      runOn(batch, procedure, 1, (list, step) => {
        const state = apgdL1State.toState(list);
        const best = values(state.best);
        const now = x.map((one, i) => one.filter((v, p) => v !== best[i * one.length + p]).length);
        const { multiple, move, isCheckpoint } = schedule[Math.max(step, 0)]!;
        const radius = multiple * epsilon;
        before = before.map((old, i) => {
          const entered = { stepSize: radius, sparsity: now[i]! / 1.5, changed: now[i]! };
          const from = step >= 0 && move === 'shrink' ? entered : old;
          if (step < 0 || !isCheckpoint) return from;
          const back = now[i]! < 0.95 * from.changed;
          const stepSize = back ? radius : Math.max(from.stepSize / 1.5, radius / 10);
          seen[back ? 'back' : stepSize > radius / 10 ? 'shorter' : 'shortest'] += 1;
          if (back)
            expect(values(tf.slice(state.x, i, 1))).toEqual(values(tf.slice(state.best, i, 1)));
          return { ...entered, stepSize };
        });
        for (const name of ['stepSize', 'sparsity', 'changed'] as const) {
          values(state[name]).forEach((value, i) => expect(value).toBeCloseTo(before[i]![name], 4));
        }
      });
      for (const times of Object.values(seen)) expect(times).toBeGreaterThan(0);
    });
  });

  test('the first step in every ball is as long as its radius, also where APGD looks back after each step', () => {
    tf.tidy(() => {
      const [epsilon, steps] = [3, 20];
      const schedule = l1Calls(steps);
      const batch = linearBatch(x, w, side);
      const procedure = apgdL1({ norm: l1(), epsilon, steps, loss: { name: 'ce' } });
      const first: number[][] = [];
      runOn(batch, procedure, 1, (list, call) => {
        const entered = call === -1 || schedule[call]!.move === 'shrink';
        if (entered) first.push(values(apgdL1State.toState(list).stepSize));
      });
      expect(first).toEqual([9, 6, 3].map((radius) => x.map(() => radius)));
    });
  });

  test('Square spends the ball, never loses what it has, and comes some way towards the worst case', () => {
    tf.tidy(() => {
      const epsilon = 4;
      const plain = linearBatch(x, w, side);
      // Never fooled, so that it goes on.
      const logits = (z: tf.Tensor) => tf.add(plain.logits(z), tf.tensor2d([[100, 0]]));
      const batch = { ...plain, networks: [logits] };
      const procedure = square(200, l1Squares([side, side, 1], epsilon), 'fixed');
      let before = x.map(() => -Infinity);
      const [best] = runOn(batch, procedure, 1, ([, lead]) => {
        const now = values(lead!);
        now.forEach((value, i) => expect(value).toBeGreaterThanOrEqual(before[i]!));
        before = now;
      });
      const lengths = values(l1().length(tf.sub(best!, batch.images)));
      x.forEach((one, i) => {
        expect(lengths[i]).toBeGreaterThan(0.99 * epsilon);
        expect(lengths[i]).toBeLessThan(epsilon + l1().slack(epsilon));
        const worst = dot(one, w) - least(one, w, epsilon);
        const gained = dot(one, w) + 100 + before[i]!;
        expect(gained).toBeGreaterThan(0.4 * worst);
        expect(gained).toBeLessThan(worst + 1e-4);
      });
    });
  });
});
