// The linear programme of FAB under l1 against every vertex that it has.
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { ontoHyperplane } from '../../../numerics/attacks/fab/hyperplane.js';
import { expectNoLeaks, values } from '../engine.js';
import { cases, dot, sum } from './linear-cases.js';

expectNoLeaks();

describe('the change onto a hyperplane under l1', () => {
  /** A solution of the linear programme is a vertex: all but one pixel stay or are at a bound. Tries them all. */
  function shortest(x: number[], w: number[], residual: number): number {
    let best = Infinity;
    for (let choice = 0; choice < 3 ** x.length; choice++) {
      const change = x.map((xi, i) => [0, -xi, 1 - xi][Math.floor(choice / 3 ** i) % 3]!);
      for (let free = 0; free < x.length; free++) {
        const others = change.map((d, i) => (i === free ? 0 : d));
        const needed = (-residual - dot(w, others)) / w[free]!;
        if (x[free]! + needed < -1e-9 || x[free]! + needed > 1 + 1e-9) continue;
        best = Math.min(best, sum(others.map(Math.abs)) + Math.abs(needed));
      }
    }
    return best;
  }

  test.each([2, 3, 5])('of %i pixels is as short as any vertex is', (pixels) => {
    for (const { x, w } of cases(25, pixels)) {
      // As far as the box reaches in either direction.
      const reach = (sign: number) =>
        sum(x.map((xi, i) => Math.max(sign * w[i]! * (1 - xi), -sign * w[i]! * xi)));
      for (const share of [0.05, 0.5, 0.95]) {
        for (const sign of [1, -1]) {
          const residual = -sign * share * reach(sign);
          if (residual === 0) continue;
          const shape = [1, pixels, 1, 1];
          const d = tf.tidy(() =>
            values(
              ontoHyperplane(
                'l1',
                tf.tensor(x, shape),
                tf.tensor(w, shape),
                tf.tensor1d([residual]),
              ),
            ),
          );
          // float32 against float64: some ulp of numbers below 10.
          expect(Math.abs(dot(w, d) + residual)).toBeLessThan(1e-5);
          d.forEach((di, i) => {
            expect(x[i]! + di).toBeGreaterThanOrEqual(-1e-6);
            expect(x[i]! + di).toBeLessThanOrEqual(1 + 1e-6);
          });
          const expected = shortest(x, w, residual);
          expect(Math.abs(sum(d.map(Math.abs)) - expected)).toBeLessThan(1e-5 + 1e-4 * expected);
        }
      }
    }
  });

  test('out of reach goes as far as the box does, equal weights share, and no weight moves nothing', () => {
    tf.tidy(() => {
      const points = tf.tensor4d([0.25, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5], [3, 3, 1, 1]);
      const normal = tf.tensor4d([1, -2, 0, 2, 2, -1, 0, 0, 0], [3, 3, 1, 1]);
      const found = values(ontoHyperplane('l1', points, normal, tf.tensor1d([-50, 1, 1])));
      [0.75, -0.5, 0, -0.25, -0.25, 0, 0, 0, 0].forEach((value, i) =>
        expect(found[i]).toBeCloseTo(value, 6),
      );
    });
  });
});
