import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { attackLoss, type LossChoice } from '../../../numerics/losses/attack-losses.js';
import { otherClass } from '../../../numerics/losses/logit-order.js';
import {
  expectation,
  inputGradient,
} from '../../../numerics/attacks/procedure/model-under-attack.js';
import { expectNoLeaks, values } from '../engine.js';

expectNoLeaks();

const rows = [
  [2, 1, -1, 0.5, 0.2],
  [0.1, 3, 2.5, -2, 1],
];
const labels = [0, 2];
const targets = [3, 4];
const oneHot = (classes: number[]) => tf.oneHot(tf.tensor1d(classes, 'int32'), 5).toFloat();

function reference({ name, confidence = 0 }: LossChoice, targeted: boolean, i: number): number {
  const z = rows[i]!;
  const [y, t] = [labels[i]!, targets[i]!];
  const sorted = [...z].sort((a, b) => b - a);
  const best = (without: number) => Math.max(...z.filter((_, k) => k !== without));
  const ce = (k: number) => Math.log(z.reduce((sum, v) => sum + Math.exp(v), 0)) - z[k]!;
  if (name === 'ce') return targeted ? -ce(t) : ce(y);
  if (name === 'cw') return Math.min(targeted ? z[t]! - best(t) : best(y) - z[y]!, confidence);
  return targeted
    ? -(z[y]! - z[t]!) / (sorted[0]! - (sorted[2]! + sorted[3]!) / 2)
    : -(z[y]! - best(y)) / (sorted[0]! - sorted[2]!);
}

const choices: LossChoice[] = [
  { name: 'ce' },
  { name: 'dlr' },
  { name: 'cw' },
  { name: 'cw', confidence: 0.25 },
  { name: 'cw', confidence: 5 },
];

describe.each(choices)('the loss $name with confidence $confidence', (choice) => {
  test.each([false, true])(
    'targeted %s is its formula, and its gradient that of it',
    (targeted) => {
      tf.tidy(() => {
        const logits = tf.tensor2d(rows);
        const loss = attackLoss(choice, oneHot(labels), targeted ? oneHot(targets) : null);
        values(loss(logits)).forEach((value, i) => {
          expect(value).toBeCloseTo(reference(choice, targeted, i), 5);
        });
        const gradient = tf
          .grad((z: tf.Tensor) => tf.sum(loss(z)))(logits)
          .arraySync() as number[][];
        const h = 1e-6;
        gradient.forEach((row, i) =>
          row.forEach((value, k) => {
            const at = (shift: number) => {
              rows[i]![k]! += shift;
              const f = reference(choice, targeted, i);
              rows[i]![k]! -= shift;
              return f;
            };
            expect(value).toBeCloseTo((at(h) - at(-h)) / (2 * h), 4);
          }),
        );
      });
    },
  );
});

test('the k-th most likely other class leaves out the label', () => {
  tf.tidy(() => {
    const classesOf = (rank: number) =>
      values(tf.argMax(otherClass(tf.tensor2d(rows), oneHot(labels), tf.scalar(rank)), 1));
    expect([1, 2, 3, 4].map(classesOf)).toEqual([
      [1, 1],
      [3, 4],
      [4, 0],
      [2, 3],
    ]);
  });
});

test('the expectation over draws follows the mean of their gradients', () => {
  tf.tidy(() => {
    const images = tf.tensor1d([1, -2]);
    const networks = [1, 2, 6].map((k) => (x: tf.Tensor) => tf.mul(tf.square(x), k / 2));
    const batch = { images, labels: images, networks };
    expect(values(inputGradient(batch, (z) => z, images))).toEqual([3, -6]);
    expect(() => expectation([])).toThrow('at least one draw');
  });
});
